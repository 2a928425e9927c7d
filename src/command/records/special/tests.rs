use super::*;
use crate::language::{Language, Screen};

/// The page of a body in a language; it is what the door makes of it.
fn page(body: &serde_json::Value, language: Language) -> String {
    let body: Body = serde_json::from_value(body.clone()).expect("a body");
    let mut out = Vec::new();
    write(&body, &mut out).expect("memory");
    Screen::new(language, Some(80)).text(&String::from_utf8(out).expect("UTF-8"))
}

fn reads(body: serde_json::Value, english: &str, chinese: &str) {
    assert_eq!(page(&body, Language::En), english);
    assert_eq!(page(&body, Language::Zh), chinese);
}

#[test]
fn a_gap_says_what_is_missing_and_why() {
    reads(
        serde_json::json!({
            "kind": "gap", "controller": 1, "boot_id": 7, "first_sequence": 4,
            "last_sequence": 8, "reason": "not_held_by_controller",
        }),
        "\
KIND      events of a controller that cannot be had any more
FROM      controller 1, boot 7
EVENTS    4 to 8
WHY       the controller does not hold them any more
",
        "\
类别      无法再取得的控制器事件
起        控制器 1，启动编号 7
事件      4 至 8
原因      控制器已不再保留
",
    );
}

#[test]
fn an_alarm_is_told_in_words() {
    reads(
        serde_json::json!({
            "kind": "alarm", "name": "camera_silent", "lane": 2,
            "text": "camera rear has sent neither event nor heartbeat for 95 s",
        }),
        "\
KIND      something that a person must act on
ALARM     camera silent
LANE      2
TEXT      camera rear has sent neither event nor heartbeat for 95 s
",
        "\
类别      需要人员处理的事项
报警      摄像机静默
车道      2
说明      摄像机 rear 已有 95 秒未发送事件或心跳
",
    );
}

#[test]
fn a_joint_record_names_its_halves_and_their_sum() {
    let axle = |first: u32, second: Option<u32>| {
        serde_json::json!({
            "at": "2026-11-24T09:00:00+08:00", "halves_kg": [first, second],
            "load_kg": second.map(|second| first + second), "spacing_mm": null,
        })
    };
    reads(
        serde_json::json!({
            "kind": "joint", "halves": ["s-1", "s-2"], "lanes": [1, 2],
            "axles": [axle(3_000, Some(3_100)), axle(5_000, None)],
            "gross_kg": null, "plate": "赣A12345",
            "evasion": [{ "kind": "straddling", "related": [],
                "reasons": ["2 axles each, at most 4 ms apart; gross not measured and 9 kg"] }],
        }),
        "\
KIND      both halves of a vehicle astride two lanes
HALF      lane 1  s-1
HALF      lane 2  s-2
PLATE     赣A12345
GROSS     not measured
EVASION   straddling: 2 axles each, at most 4 ms apart; gross not measured and
          9 kg

AXLE  LOAD          HALVES                  SPACING
1     6100 kg       3000 kg + 3100 kg       -
2     not measured  5000 kg + not measured  -
",
        "\
类别      跨道车辆的两半
一半      车道 1  s-1
一半      车道 2  s-2
号牌      赣A12345
总质量    未测得
逃避检测  跨道行驶：各 2 轴，相差不超过 4 ms；总质量 未测得 与 9 kg

轴  轴荷     两半               轴距
1   6100 kg  3000 kg + 3100 kg  -
2   未测得   5000 kg + 未测得   -
",
    );
}

#[test]
fn what_was_done_to_the_site_is_told_with_what_was_there_before() {
    reads(
        serde_json::json!({
            "kind": "audit", "source": "controller 1", "event": "calibration_changed",
            "before": "10000", "after": "9901",
        }),
        "\
KIND      something that was done to the site
WHAT      calibration changed
SOURCE    controller 1
BEFORE    10000
AFTER     9901
",
        "\
类别      对站点所做的操作
内容      校准已更改
来源      控制器 1
之前      10000
之后      9901
",
    );
}
