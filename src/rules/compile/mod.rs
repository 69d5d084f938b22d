//! From the files' texts to the rulebook: read everything, check everything, tell every mistake.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Brand, Rulebook, ServerConfig};
use crate::files::{Diagnostic, Report, Sources};
use crate::perception::{Perceiver, Phrase, classifier};
use crate::scripts::{Campaigns, Finder};

mod around;
mod asks;
mod budgets;
mod calendars;
mod campaigns;
mod cascades;
mod circles;
mod compliance;
mod contacts;
mod groups;
mod ids;
mod join_codes;
mod judge;
mod lexicons;
mod lifetime;
mod media;
mod messages;
mod moderation;
mod moments;
mod org;
mod overrides;
mod playbooks;
mod prices;
mod profiles;
mod prospects;
mod reading;
mod schedules;
mod script;
mod scripts;
mod selector;
mod server;
mod spread;
mod stores;
mod tables;
mod templates;
mod trigger_map;
mod triggers;
mod welcome;
mod welcome_library;

pub use trigger_map::{Answer, Difference, Trigger, TriggerMap};

use around::Around;
use budgets::Plans;
use ids::{Ids, ReferredIds};
use judge::{Judgements, Surroundings};
use media::Media;
use reading::Reading;
use tables::Tables;

/// What good files give.
#[derive(Debug)]
pub struct Compiled {
    pub server: ServerConfig,
    pub rulebook: Rulebook,
    pub warnings: Vec<Diagnostic>,
}

/// Checks all files. Errors come all at once, in the order of files and lines, with the warnings
/// among them.
pub fn compile(sources: &Sources) -> Result<Compiled, Vec<Diagnostic>> {
    Compiler::default().compile(sources)
}

/// Compiles again and again: what depends on unchanged files alone is not worked out anew.
#[derive(Debug, Default)]
pub struct Compiler {
    tables: Tables,
    judgements: Judgements,
    finder: Finder,
    perceiver: Option<(Vec<Phrase>, Arc<Perceiver>)>,
}

impl Compiler {
    /// The same as [`compile`], and faster from the second time on.
    pub fn compile(&mut self, sources: &Sources) -> Result<Compiled, Vec<Diagnostic>> {
        self.tables.take(sources);
        let version = self.tables.version(&sources.media);
        let (mut report, tables) = self.tables.read();
        sources.problems.iter().cloned().for_each(|problem| report.push(problem));
        let reading = Reading::of(tables, sources, &mut report);
        let known = Known::of(&reading, &mut report);
        let server = server::check(&reading, &mut report);
        let stores = stores::check(&reading);
        let campaign_facts = Arc::new(campaigns::facts(&reading, &report));
        let zone = server.as_ref().map(|(server, _)| &server.timezone);
        let today = today(sources, zone);
        let surroundings = known.surroundings(&reading, sources, &campaign_facts, today, &mut report);
        let scripts =
            scripts::check(&reading, surroundings, &known, &mut self.judgements, &self.finder, &mut report);
        self.finder = scripts.finder().clone();
        let profiles = profiles::check(&reading, &known, &scripts, &mut report);
        let phrases = lexicons::check(&reading, &mut report);
        let groups = groups::check(&reading, &known, &profiles, &stores, &mut report);
        let calendar = Arc::new(calendars::check(&reading, &mut report));
        let around = Around {
            known: &known,
            scripts: &scripts,
            groups: &groups,
            stores: &stores,
            calendar: &calendar,
            campaigns: &campaign_facts,
            brand: reading.brand_name().unwrap_or_default(),
            zone,
            budget: reading.send_budget(),
            now: sources.now,
            today,
        };
        let steps = campaigns::steps(&reading, &mut report);
        let schedules = schedules::check(&reading, &steps, &around, &mut report);
        let org = org::check(&reading, &known, &stores, &mut report);
        let campaigns = campaigns::check(&reading, &around, &org, &schedules, &mut report);
        let cascades = cascades::check(&reading, &known, &scripts, &org, &mut report);
        let contact_welcome = contacts::check(&reading, &known, &scripts, &mut report);
        moments::check(&reading, &scripts, &mut report);
        let playbooks = playbooks::check(&reading, &around, &mut report);
        let plans =
            Plans { schedules: &schedules, steps: &steps, playbooks: &playbooks, profiles: &profiles };
        budgets::check(&plans, &reading, &around, &mut report);
        let join_codes = join_codes::check(&reading, &around, &mut report);
        let welcome_library = welcome_library::check(&reading, &around, &mut report);
        compliance::check_overrides(&reading, &mut report);
        lifetime::check_uses(&reading, &known, &mut report);
        compiled(server, report, |brand, timezone, app| Rulebook {
            brand,
            timezone,
            stores: stores.into(),
            profiles,
            groups,
            scripts,
            perceiver: perceiver(&mut self.perceiver, phrases),
            app,
            version,
            schedules,
            calendar,
            send_budget: reading.send_budget(),
            org,
            cascades,
            contact_welcome,
            playbooks,
            join_codes,
            welcome_library,
            campaigns,
        })
    }
}

/// Without errors, and with an app to speak by, there is a rulebook.
fn compiled(
    server: Option<(ServerConfig, Brand)>,
    report: Report<'_>,
    rulebook: impl FnOnce(Brand, TimeZone, Arc<str>) -> Rulebook,
) -> Result<Compiled, Vec<Diagnostic>> {
    let server = server.filter(|_| !report.has_errors());
    let diagnostics = report.finish();
    let Some((server, brand)) = server else { return Err(diagnostics) };
    let Some(app) = server.apps.first().map(|app| app.id.clone()) else { return Err(diagnostics) };
    let rulebook = rulebook(brand, server.timezone.clone(), app);
    Ok(Compiled { server, rulebook, warnings: diagnostics })
}

/// Building the automata over ten thousand phrases takes longer than anything else in a reload.
fn perceiver(last: &mut Option<(Vec<Phrase>, Arc<Perceiver>)>, phrases: Vec<Phrase>) -> Arc<Perceiver> {
    match last {
        Some((before, perceiver)) if *before == phrases => Arc::clone(perceiver),
        _ => {
            let perceiver = Perceiver::new(&phrases);
            let perceiver = Arc::new(match classifier::shipped() {
                Some(model) => perceiver.with_classifier(model),
                None => perceiver,
            });
            *last = Some((phrases, Arc::clone(&perceiver)));
            perceiver
        }
    }
}

/// The brand's day.
fn today(sources: &Sources, zone: Option<&TimeZone>) -> Option<Date> {
    Some(sources.now?.to_zoned(zone?.clone()).date())
}

/// All ids that files refer to one another by.
#[derive(Debug)]
struct Known {
    stores: Ids,
    regions: Ids,
    products: Ids,
    profiles: Ids,
    scripts: ReferredIds,
    apps: Ids,
    webhooks: Ids,
    nodes: Ids,
    playbooks: Ids,
    campaigns: Ids,
    estates: Ids,
    tags: Ids,
}

impl Known {
    fn of(reading: &Reading<'_>, report: &mut Report<'_>) -> Self {
        let stores = Ids::new("门店", "unknown-store", reading.stores_are_whole(report));
        let profiles = Ids::new("群规", "unknown-profile", reading.profiles_are_whole());
        let scripts = Ids::new("话术", "unknown-script", reading.scripts_are_whole(report)).into();
        let apps = Ids::new("自建应用", "unknown-app", reading.server_is_whole(report));
        let webhooks = Ids::new("消息推送机器人", "unknown-webhook", reading.server_is_whole(report));
        let regions = Ids::new("区域", "unknown-region", reading.stores_are_whole(report));
        let products = Ids::new("商品", "unknown-product", reading.prices_are_whole(report));
        let nodes = Ids::new("组织节点", "unknown-node", reading.org_is_whole(report));
        let playbooks = Ids::new("剧本", "unknown-playbook", true);
        let campaigns = Ids::new("活动", "unknown-campaign", reading.campaigns_are_whole(report));
        let estates = Ids::new("小区", "unknown-estate", reading.groups_are_whole(report));
        let tags_are_whole = reading.groups_are_whole(report) && reading.stores_are_whole(report);
        let tags = Ids::new("标签", "unknown-tag", tags_are_whole);
        let mut known = Self {
            stores,
            regions,
            products,
            profiles,
            scripts,
            apps,
            webhooks,
            nodes,
            playbooks,
            campaigns,
            estates,
            tags,
        };
        for store in reading.stores() {
            known.stores.define(store.id.as_ref(), report);
        }
        known.allow_marks(reading);
        for node in reading.nodes() {
            known.nodes.define(node.id.as_ref(), report);
        }
        for product in reading.products() {
            known.products.define(product.id.as_ref(), report);
        }
        for profile in &reading.profiles {
            known.profiles.define(Some(&profile.id), report);
        }
        for script in &reading.scripts {
            known.scripts.define(script.entry.id.as_ref(), report);
        }
        for playbook in &reading.playbooks {
            known.playbooks.define(playbook.id.as_ref(), report);
        }
        for campaign in &reading.campaigns {
            known.campaigns.define(campaign.id.as_ref(), report);
        }
        for app in reading.apps() {
            known.apps.define(app.id.as_ref(), report);
        }
        // A robot's callback has the same address form as an app's.
        let mut callbacks = known.apps.clone().named("应用和群机器人共用的");
        for robot in reading.robots() {
            callbacks.define(robot.id.as_ref(), report);
        }
        for webhook in reading.webhooks() {
            known.webhooks.define(webhook.id.as_ref(), report);
        }
        known
    }

    /// Regions, estates and tags: each may stand in several places.
    fn allow_marks(&mut self, reading: &Reading<'_>) {
        for store in reading.stores() {
            if let Some(region) = &store.region {
                self.regions.allow(&region.0, region.place);
            }
            self.tags.allow_all(store.tags.as_ref());
        }
        for group in &reading.groups {
            if let Some(estate) = &group.estate {
                self.estates.allow(&estate.0, estate.place);
            }
            self.tags.allow_all(group.tags.as_ref());
        }
    }

    fn surroundings(
        &self,
        reading: &Reading<'_>,
        sources: &Sources,
        campaigns: &Arc<Campaigns>,
        today: Option<Date>,
        report: &mut Report<'_>,
    ) -> Surroundings {
        Surroundings {
            stores: self.stores.clone(),
            regions: self.regions.clone(),
            profiles: self.profiles.clone(),
            products: self.products.clone(),
            prices: Arc::new(prices::check(reading, report)),
            campaigns: Arc::clone(campaigns),
            campaign_ids: self.campaigns.clone(),
            media: Media::of(sources),
            longest: templates::longest(reading),
            today,
        }
    }
}

#[cfg(test)]
mod tests;
