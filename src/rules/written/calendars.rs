//! `config/calendar/YYYY.toml`

use crate::files::{At, Day, Text};
use crate::table;

table! {
    /// 一年的法定节假日和调休上班日；文件名就是年份。
    pub struct CalendarFile {
        /// 照哪份通知写的。
        source: Text, required;
        /// 一个假期。
        holiday: Vec<At<HolidayEntry>>, required;
    }
}

table! {
    /// 一个假期。
    pub struct HolidayEntry {
        /// 什么节。
        name: Text, required;
        /// 放假的第一天。
        from: Day, required;
        /// 放假的最后一天；不写就是只放一天。
        to: Day, optional;
        /// 为它调休、要上班的星期六和星期天。
        makeup: Vec<At<Day>>, default = [];
    }
}
