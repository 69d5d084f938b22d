//! What a library of 20 000 scripts costs: to load and check it, and to take one changed file. Run
//! with `cargo bench --bench library`; it prints the parts first, each measured once.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use zhanggui::files::Sources;
use zhanggui::files::folder::{Folders, Trust, scripts_of};
use zhanggui::rules::{Compiled, Compiler, Outline, digest};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: zhanggui::allocator::Allocator = zhanggui::allocator::Allocator;

/// What the budgets of the issue speak of.
const SCRIPTS: usize = 20_000;
/// As somebody would keep them: a file per occasion.
const SCRIPTS_A_FILE: usize = 10;
const LOAD_AND_CHECK: Duration = Duration::from_secs(1);
const RELOAD: Duration = Duration::from_millis(100);

/// The example brand with a large library, in a folder of its own.
struct Brand {
    folder: tempfile::TempDir,
}

impl Brand {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        copy(&config, &folder.path().join("config"));
        copy(&scripts_of(&config), &folder.path().join("bot-scripts"));
        let brand = Self { folder };
        for nth in 0..SCRIPTS / SCRIPTS_A_FILE {
            brand.write(nth, "好货到店");
        }
        brand.age();
        brand
    }

    fn file(&self, nth: usize) -> PathBuf {
        self.folder.path().join(format!("bot-scripts/promotion/large/{:03}/{nth:05}.toml", nth / 100))
    }

    fn write(&self, nth: usize, words: &str) {
        let mut text = String::new();
        for script in nth * SCRIPTS_A_FILE..(nth + 1) * SCRIPTS_A_FILE {
            write!(
                text,
                "[[script]]\nid = \"large-{script}\"\ntitle = \"第{script}号活动\"\nstep = \"give-benefit\"\n\
                 senses = [\"利益感\"]\ntriggers = [\"活动{script}号\", \"优惠{script}号\"]\n\
                 profiles = [\"direct-sale\", \"vip\"]\nowner = \"品牌市场部\"\n\
                 valid = {{ from = 2026-01-01, to = 2026-12-31 }}\n\n[[script.message]]\ntext = \"\"\"\n\
                 {{{{ store.name }}}}的街坊们，{words}，第{script}号活动开始啦！\n\
                 {{% if members %}}{{{{ members }}}}，{{% endif %}}{{{{ store.hours }}}}到店自提，地址{{{{ store.address }}}}。\n\
                 \"\"\"\n\n[[script.message]]\nkind = \"markdown\"\ntext = \"**第{script}号**：{words}，到店就有\"\n\n"
            )
            .expect("memory can be written");
        }
        let path = self.file(nth);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    /// A tree that was not written a moment ago: its stamps are trusted.
    fn age(&self) {
        let written = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for nth in 0..SCRIPTS / SCRIPTS_A_FILE {
            let file = fs::File::options().write(true).open(self.file(nth)).expect("a file");
            file.set_modified(written).expect("set");
        }
    }

    fn folders(&self) -> Folders {
        Folders::new(self.folder.path().join("config"), self.folder.path().join("bot-scripts"))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let (entry, path) = entry.map(|entry| (entry.file_name(), entry.path())).expect("an entry");
        if path.is_dir() {
            copy(&path, &to.join(entry));
        } else {
            fs::copy(path, to.join(entry)).expect("copied");
        }
    }
}

fn compile(compiler: &mut Compiler, sources: &Sources) -> Compiled {
    compiler.compile(sources).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// Everything between the bell and the swap: list, read, list again, compile.
fn reload(folders: &mut Folders, compiler: &mut Compiler) -> Compiled {
    let listing = folders.list();
    let sources = folders.read(&listing, Trust::Stamps);
    assert_eq!(folders.list(), listing);
    compile(compiler, &sources)
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = work();
    let took = started.elapsed();
    println!("{what:<32} {took:>10.1?}");
    (done, took)
}

/// Each part once, in words, so that one sees where the time goes.
fn parts(brand: &Brand) {
    let (mut folders, mut compiler) = (brand.folders(), Compiler::default());
    let (listing, list) = timed("list", || folders.list());
    let (sources, read) = timed("read everything", || folders.read(&listing, Trust::Nothing));
    let (first, check) = timed("compile everything", || compile(&mut compiler, &sources));
    println!("{:<32} {:>10.1?} of {LOAD_AND_CHECK:?}", "load and check", list + read + check);
    drop(sources);
    // The change time of a file cannot be set, and counts for two seconds.
    std::thread::sleep(Duration::from_millis(2_100));
    reload(&mut folders, &mut compiler);
    brand.write(7, "新货到店");
    let (second, took) = timed("reload after one changed file", || reload(&mut folders, &mut compiler));
    println!("{:<32} {:>10.1?} of {RELOAD:?}", "reload", took);
    let (listing, _) = timed("  list", || folders.list());
    let (sources, _) = timed("  read what changed", || folders.read(&listing, Trust::Stamps));
    timed("  compile, nothing changed", || compile(&mut compiler, &sources));
    let (outlines, _) = timed("outlines", || (Outline::of(&first.rulebook), Outline::of(&second.rulebook)));
    let (changes, _) = timed("digest", || digest(&outlines.0, &outlines.1));
    println!("{changes:?}");
    timed("drop a rulebook", || drop(first));
}

fn library(criterion: &mut Criterion) {
    let brand = Brand::new();
    parts(&brand);
    let mut group = criterion.benchmark_group("20 000 scripts");
    group.sample_size(10);
    group.bench_function("load and check", |bencher| {
        bencher.iter_batched(
            || (brand.folders(), Compiler::default()),
            |(mut folders, mut compiler)| reload(&mut folders, &mut compiler),
            BatchSize::PerIteration,
        );
    });
    let (mut folders, mut compiler) = (brand.folders(), Compiler::default());
    reload(&mut folders, &mut compiler);
    let mut nth = 0;
    group.bench_function("reload after one changed file", |bencher| {
        bencher.iter_batched(
            || {
                nth += 1;
                brand.write(7, &format!("第{nth}批到店"));
            },
            |()| reload(&mut folders, &mut compiler),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, library);
criterion_main!(benches);
