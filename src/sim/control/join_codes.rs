//! Join codes: which there are, scanning one, and its picture.

use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::header;
use axum::response::IntoResponse;
use fast_qr::QRBuilder;
use serde_json::json;

use super::request::read;
use super::{Answer, ok};
use crate::sim::people::{self, Newcomer};
use crate::sim::refusal::Refusal;
use crate::sim::world::World;

/// Pixels of a module, and modules of the light border, as the standard asks.
const MODULE: usize = 8;
const BORDER: usize = 4;

pub async fn all(Shared(world): Shared<World>) -> Answer {
    world.read(|state| ok(json!({"items": state.join_ways.values().collect::<Vec<_>>()})))
}

pub async fn join(Shared(world): Shared<World>, Path(config_id): Path<String>, body: Bytes) -> Answer {
    let newcomer: Newcomer = read(&body)?;
    let (chat, member) = world.step(|step| people::join_by_code(step, &config_id, newcomer))?;
    ok(json!({"chat_id": chat, "id": member.id, "joined_at": member.joined_at, "state": member.state}))
}

pub async fn picture(
    Shared(world): Shared<World>,
    Path(config_id): Path<String>,
) -> Result<impl IntoResponse, Refusal> {
    let content = world.read(|state| state.join_ways.get(&config_id).map(|way| way.content()));
    let content = content.ok_or_else(|| Refusal::Missing(format!("没有进群码 {config_id}")))?;
    let picture = png(&content).map_err(Refusal::Invalid)?;
    Ok(([(header::CONTENT_TYPE, "image/png"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], picture))
}

fn png(content: &str) -> Result<Vec<u8>, String> {
    let code = QRBuilder::new(content).build().map_err(|error| error.to_string())?;
    let side = (code.size + 2 * BORDER) * MODULE;
    let dark = |pixel: usize| {
        let at = |part: usize| (part / MODULE).checked_sub(BORDER).filter(|at| *at < code.size);
        matches!((at(pixel / side), at(pixel % side)), (Some(y), Some(x)) if code[y][x].value())
    };
    let pixels: Vec<u8> = (0..side * side).map(|pixel| if dark(pixel) { 0 } else { 255 }).collect();
    let size = u32::try_from(side).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size, size);
    encoder.set_color(png::ColorType::Grayscale);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    written.map_err(|error| error.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_says_what_the_code_leads_to() {
        let content = "https://work.weixin.qq.com/gm/9ad7fa5cdaa6511298498f979c472aaa";
        assert_eq!(crate::perception::picture::codes(&png(content).unwrap()).unwrap(), [content]);
    }
}
