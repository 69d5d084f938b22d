//! Products and what they cost.

use super::Reading;
use crate::files::{At, Money, Report};
use crate::rules::written::{PriceStepEntry, ProductEntry, ValidTable};
use crate::scripts::{PriceStep, Product, Products};

pub fn check(reading: &Reading<'_>, report: &mut Report<'_>) -> Products {
    let products = reading.products().filter_map(|entry| {
        check_entry(entry, report);
        product(entry, report)
    });
    // The first of an id counts; the second has been reported.
    let mut all = Products::new();
    for product in products {
        all.entry(product.id.clone()).or_insert(product);
    }
    all
}

/// `None` when something required is missing, which has been reported.
fn product(entry: &At<ProductEntry>, report: &Report<'_>) -> Option<Product> {
    let step = |step: &At<PriceStepEntry>| {
        let from = u32::try_from(step.from.as_ref()?.0).ok()?;
        Some(PriceStep { from, price: step.price.as_ref()?.value })
    };
    let valid = entry.valid.as_ref();
    Some(Product {
        id: entry.id.as_ref()?.0.clone(),
        name: entry.name.as_ref()?.0.clone(),
        price: entry.price.as_ref()?.value,
        was: entry.was.as_ref().map(|was| was.value),
        unit: entry.unit.as_ref()?.0.clone(),
        steps: entry.steps.iter().flat_map(|list| &list.value).filter_map(step).collect(),
        valid_from: valid.and_then(|valid| valid.from.as_ref()).map(|day| day.0),
        valid_to: valid.and_then(|valid| valid.to.as_ref()).map(|day| day.0),
        place: report.locate(entry.place),
    })
}

fn check_entry(entry: &ProductEntry, report: &mut Report<'_>) {
    check_valid(entry.valid.as_ref(), report);
    let Some(price) = &entry.price else { return };
    if let Some(was) = entry.was.as_ref().filter(|was| was.value <= price.value) {
        report
            .error("bad-price", was.place, format!("原价 {} 不比现价 {} 高", was.value, price.value))
            .hint("原价是前七天里真卖过的最低价；没有降价就删掉 was");
    }
    check_steps(price.value, entry.steps.iter().flat_map(|list| &list.value), report);
}

/// Whoever buys more pays less for each.
fn check_steps<'a>(
    price: Money,
    steps: impl Iterator<Item = &'a At<PriceStepEntry>>,
    report: &mut Report<'_>,
) {
    let mut last = (1, price);
    for step in steps {
        let (Some(from), Some(price)) = (&step.from, &step.price) else { continue };
        if from.0 <= last.0 {
            let message = format!("{} 件起写在 {} 件起的后面", from.0, last.0);
            report.error("bad-step", from.place, message).hint("从少到多写，件数不能一样");
        }
        if price.value >= last.1 {
            let message = format!("买到 {} 件是 {}，并不比前面的 {} 便宜", from.0, price.value, last.1);
            report.error("bad-step", price.place, message).hint("买得多要更便宜，检查是不是写反了");
        }
        last = (from.0, price.value);
    }
}

/// The first day comes before the last.
pub fn check_valid(valid: Option<&At<ValidTable>>, report: &mut Report<'_>) {
    if let Some(valid) = valid
        && let (Some(from), Some(to)) = (&valid.from, &valid.to)
        && from.value > to.value
    {
        report
            .error("bad-valid-range", valid.place, "开始的日子比结束的晚")
            .hint("把 from 和 to 对调，或检查年份");
    }
}
