//! Scripts that staff publish in moments: whether the platform takes such a moment.

use super::Reading;
use crate::files::Report;
use crate::rules::moments::{SCENE, script_misfit};
use crate::scripts::Library;

/// Staff may still copy the words by hand, so it is a warning.
pub fn check(reading: &Reading<'_>, scripts: &Library, report: &mut Report<'_>) {
    for written in &reading.scripts {
        let Some(id) = &written.entry.id else { continue };
        let Some(script) = scripts.get(&id.0).filter(|script| script.scene == SCENE) else { continue };
        if let Some(why) = script_misfit(script) {
            report
                .warning("unfit-moment", id.place, format!("这条话术不能一键发朋友圈：{why}"))
                .hint("改成文字配最多 9 张图片，或一个视频，或一个带封面图的链接");
        }
    }
}
