//! Tables on a screen: headings in one line, and every cell below its heading.

use unicode_width::UnicodeWidthStr;

use super::COLUMNS;

/// Headings of a table in both languages, cells parted by `|`.
pub(crate) struct Table {
    english: &'static str,
    chinese: &'static str,
}

const fn table(english: &'static str, chinese: &'static str) -> Table {
    Table { english, chinese }
}

pub(crate) const STATUS: [Table; 4] = [
    table(
        "SCALE|ADDRESS|STATE|LAST FRAME|VEHICLES|BAD BYTES|PORT",
        "称重设备|地址|状态|最近帧|车辆数|错误字节|端口",
    ),
    table(
        "LANE|LAST VEHICLE|OPEN|PAIRED|AMBIGUOUS|UNPAIRED|DRIFT",
        "车道|最近车辆|待定|已匹配|不唯一|未匹配|漂移",
    ),
    table(
        "CAMERA|STREAM|LAST SEEN|LAST EVENT|EVENTS|PICTURES|REFUSED",
        "摄像机|事件流|最近在线|最近事件|事件|图像|拒绝",
    ),
    table(
        "SIGHT|LANE|ROLE|CLOCK LEARNT|CLOCK OFFSET|DRIFT|DELAY",
        "机位|车道|方位|时钟已测定|时钟偏差|漂移|延迟",
    ),
];
pub(crate) const OUTBOX: [Table; 2] = [
    table("QUEUE|WAITING|OLDEST", "队列|待发|最早"),
    table("QUEUE|SEQ|TOPIC|AGE|RECORD", "队列|序号|主题|等待时间|记录"),
];
pub(crate) const LEDGER: [Table; 1] =
    [table("SEQ|WHEN|KIND|LANE|PLATE|GROSS KG|VERDICT", "序号|时间|类别|车道|号牌|总质量 kg|判定")];
pub(crate) const RECORDS: [Table; 1] = [table(
    "SEQ|TIME|LANE|PLATE|AXLES|GROSS KG|OVER %|VERDICT",
    "序号|时间|车道|号牌|轴型|总质量 kg|超限率 %|判定",
)];
pub(crate) const RECORD: [Table; 1] =
    [table("AXLE|LOAD|LEFT|RIGHT|SPACING|SPEED|TYRES", "轴|轴荷|左|右|轴距|车速|轮胎")];
pub(crate) const REPORT: [Table; 3] = [
    table(
        "PASSAGES|JUDGED|OVER|RATE|ENFORCEABLE|>=100 t|>=100 %|EVASION",
        "过车|已判定|超限|超限率|可处罚|>=100 t|>=100 %|逃避检测",
    ),
    table("TIER OF THE OVER-LIMIT RATE|VEHICLES", "超限率分档|车辆数"),
    table("EVASION|SIGNS", "逃避检测|次数"),
];
pub(crate) const CALIBRATE: [Table; 2] = [
    table("RUN|SPEED|GROSS|ERROR|REMARK", "通过|车速|总质量|误差|备注"),
    table(
        "RUNS|MEAN|STD DEV|95 % OF THE MEAN|WORST|NEW/IN SERVICE",
        "次数|平均误差|标准差|平均值 95 % 区间|最大误差|首检/使用中",
    ),
];

impl Table {
    /// It is on the screen.
    pub(crate) fn stands_in(&self, screen: &str, language: &str) {
        let headings = if language == "en" { self.english } else { self.chinese };
        let headings: Vec<&str> = headings.split('|').collect();
        let mut lines = screen.lines();
        let found =
            lines.find(|line| cells(line).map(|(_, cell)| cell).eq(headings.iter().copied()));
        let Some(head) = found else { panic!("{headings:?} is not one line of\n{screen}") };
        let starts: Vec<usize> = cells(head).map(|(start, _)| start).collect();
        let mut rows = 0;
        for row in lines.take_while(|line| !line.trim().is_empty()) {
            // a cell that was folded goes on below itself, or as near to it as it fits
            let folded = row.starts_with("  ") && starts[0] == 0;
            for (start, cell) in cells(row) {
                let at_the_edge = folded && start + cell.width() == COLUMNS;
                // what a row is called needs no heading
                let below = start == 0 || at_the_edge || starts.contains(&start);
                assert!(below, "{cell} of\n{head}\n{row}\nin\n{screen}");
            }
            rows += usize::from(!folded);
        }
        assert!(rows > 0, "{head}\nhas no rows in\n{screen}");
    }
}

/// The cells of a line, each with the column in which it begins; two blanks part them.
fn cells(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = line;
    let mut column = 0;
    std::iter::from_fn(move || {
        let text = rest.trim_start_matches(' ');
        column += rest.len() - text.len();
        let end = text.find("  ").unwrap_or(text.len());
        let (cell, after) = text.split_at(end);
        let start = column;
        column += cell.width();
        rest = after;
        (!cell.is_empty()).then_some((start, cell))
    })
}
