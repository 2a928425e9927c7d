//! How `wimd assess` explains a verdict, in both languages.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use wimd::command::assess::{AssessArgs, Language, run};

/// A vehicle of 2026, when every table is in force.
fn vehicle(loads: &str, spacings: &str) -> AssessArgs {
    AssessArgs {
        loads: Some(loads.to_owned()),
        spacings: Some(spacings.to_owned()),
        date: Some("2026-11-23".to_owned()),
        ..AssessArgs::default()
    }
}

fn printed(args: &AssessArgs) -> String {
    let mut out = Vec::new();
    run(args, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_table_reads_like_this() {
    let text = printed(&vehicle("7000,9500,9600", "3600,1350"));
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    assert_eq!(
        lines,
        [
            " Axles       1+2        o-oo",
            " Gross mass  26 100 kg",
            " Limit       25 000 kg  mot124-3rigid-12",
            " Over by     1 100 kg   4.40 %",
            " Verdict     OVERLOAD",
            "",
            " Reading  Split  Limit kg  Row                Note",
            " truck    1+2      25 000  mot124-3rigid-12",
            " truck    1+2      26 000  mot124-3rigid-air  not excluded; if air suspension and \
             dual tyres on every drive axle",
            "",
            " Axle group  Load kg  Limit kg  Over kg  Rate %  Row",
            " 1             7 000    10 000        0    0.00  gb16-ax1-single-w425",
            " 2-3          19 100    18 000    1 100    6.11  gb16-ax2-1300",
            "",
            "How it was derived:",
            " 1. The 3 axles carry 7 000, 9 500, 9 600 kg, together 26 100 kg.",
            " 2. They are 3 600, 1 350 mm apart. Up to 2 000 mm they form one group, which gives \
             1+2; each axle of a group counts.",
            " 3. On 2026-11-23 the limits of MOT/MPS notice 交公路发〔2016〕124号 are in force \
             (table mot124-2016).",
            " 4. The suspension is not known and is taken as not air suspension.",
            " 5. The limit is 25 000 kg by MOT/MPS notice 交公路发〔2016〕124号, table (row \
             mot124-3rigid-12).",
            " 6. A reading that cannot be excluded would allow 26 000 kg (row mot124-3rigid-air).",
            " 7. The axle-group limits add up to 28 000 kg, stated for information.",
            " 8. 26 100 kg exceeds 25 000 kg by 1 100 kg, which is 4.40 %.",
            " 9. Held against the most favourable reading too, the mass is beyond 26 000 kg.",
            "10. The rate is in the bucket from 0.00 % to below 10.00 %.",
            "11. Axle group 2-3 carries 19 100 kg, which exceeds the 18 000 kg of GB 1589-2016 (row \
             gb16-ax2-1300) by 1 100 kg, 6.11 %; stated for information.",
            "12. Verdict: overload.",
        ]
    );
}

#[test]
fn the_chinese_page_cites_number_and_place_of_each_document() {
    let mut args = vehicle("7000,9500,9600", "3600,1350");
    args.explain = true;
    args.lang = Language::Zh;
    assert_eq!(
        printed(&args).lines().collect::<Vec<_>>(),
        [
            " 1. 该车共3轴，各轴轴荷依次为7 000、9 500、9 600 kg，车货总质量为26 100 kg。",
            " 2. 相邻轴轴距依次为3 600、1 350 mm，轴距不超过2 000 mm的相邻轴划为一个轴组，轴型为1+2；\
             轴组内各轴分别计入轴数。",
            " 3. 该车于2026年11月23日通行，适用交公路发〔2016〕124号《公路货运车辆超限超载认定标准》\
             （限值表mot124-2016）。",
            " 4. 悬架型式未测得，按非空气悬架认定。",
            " 5. 依据交公路发〔2016〕124号认定标准表，车货总质量限值为25 000 kg\
             （限值行mot124-3rigid-12）。",
            " 6. 另有不能排除的情形，限值可为26 000 kg（限值行mot124-3rigid-air）。",
            " 7. 各轴（轴组）最大允许轴荷之和为28 000 kg，仅供参考。",
            " 8. 总质量26 100 kg超过限值25 000 kg，超限1 100 kg，超限率4.40 %。",
            " 9. 按不能排除的最有利情形，总质量仍超过26 000 kg。",
            "10. 超限率属0.00 %以上、不足10.00 %一档。",
            "11. 第2-3轴轴组轴荷19 100 kg，超过GB 1589-2016限值18 000 kg（限值行gb16-ax2-1300），\
             超限1 100 kg，超限率6.11 %；仅供参考。",
            "12. 判定结论：超限。",
        ]
    );
}

/// The sentences about limits in one language, without their numbers.
fn about_limits(lang: Language, change: impl Fn(&mut AssessArgs)) -> Vec<String> {
    let mut args = vehicle("5000,5000,5000,5000", "3600,6000,1350");
    args.explain = true;
    args.lang = lang;
    change(&mut args);
    let page = printed(&args);
    let words = ["单轮胎", "宽轮胎", "行驶证", "首轴", "空气悬架", "Order 62 art", "note ", "adj-"];
    let lines = page.lines().filter(|line| words.iter().any(|word| line.contains(word)));
    lines.map(|line| line.split_once(". ").unwrap().1.to_owned()).collect()
}

#[test]
fn each_adjustment_has_its_sentence_with_figures_and_source() {
    let text = |value: &str| Some(value.to_owned());
    let single = |args: &mut AssessArgs| args.tyres = text("s,d,s,s");
    let wide = |args: &mut AssessArgs| {
        single(args);
        args.wide_tyres = text("yes");
    };
    let farm = |args: &mut AssessArgs| {
        args.registered = text("4500");
        args.farm_vehicle = text("yes");
    };
    let registered = |args: &mut AssessArgs| {
        (args.loads, args.spacings) = (text("5000,5000"), text("3600"));
        args.registered = text("16000");
    };
    let wheelbase = |args: &mut AssessArgs| {
        args.spacings = text("1700,2600,1350");
        args.dump_truck = text("no");
        args.suspension = text("plain");
    };
    let air = |args: &mut AssessArgs| {
        args.spacings = text("1800,3500,1350");
        args.suspension = text("air");
    };
    let each: [&dyn Fn(&mut AssessArgs); 6] =
        [&single, &wide, &farm, &registered, &wheelbase, &air];
    assert_eq!(
        each.map(|change| about_limits(Language::En, change).join(" ")),
        [
            "Single tyres on 2 axles other than drive axles take off 3 000 kg each, together \
             6 000 kg: the limit is 30 000 kg (124号 note 2, adj-single-tyre-124).",
            "Single tyres on 2 axles other than drive axles take nothing off, because they are \
             wide (124号 note 3, adj-wide-tyre).",
            "The registered total mass of 4 500 kg is the limit of a tractor, farm vehicle or \
             low-speed truck (Order 62 art. 3(2)4, adj-registered-mass): the limit is 4 500 kg.",
            "The registered total mass of 16 000 kg bounds the limit of a two-axle truck (124号 \
             note 1, adj-2axle-reg): the limit is 16 000 kg.",
            "A four-axle truck other than a dump truck may weigh 5 t for each metre from the first \
             to the last axle, here 5 650 mm (GB 1589-2016, adj-wheelbase): the limit is 28 250 kg.",
            "The limit is 32 000 kg by MOT/MPS notice 交公路发〔2016〕124号, table note 4 (row \
             mot124-4rigid-air), the highest of 2 admissible readings. That row is for air suspension and dual tyres on every drive axle, \
             which the vehicle is known to have (adj-air).",
        ]
    );
    assert_eq!(
        each.map(|change| about_limits(Language::Zh, change).join("")),
        [
            "驱动轴以外有2轴为单轮胎，依据交公路发〔2016〕124号认定标准表注2，每轴减3 000 kg，\
             共减6 000 kg，限值为30 000 kg。",
            "驱动轴以外有2轴为单轮胎，但均为宽轮胎，依据交公路发〔2016〕124号认定标准表注3，限值不减。",
            "依据交通运输部令2016年第62号第三条第二款第四项，拖拉机、农用车、低速货车以行驶证核定的总质量为限定标准；\
             该车行驶证核定的总质量为4 500 kg，限值为4 500 kg。",
            "依据交公路发〔2016〕124号认定标准表注1，二轴货车还不得超过行驶证核定的总质量；\
             该车行驶证核定的总质量为16 000 kg，限值为16 000 kg。",
            "依据GB 1589-2016，四轴货车（自卸车除外）总质量的吨数不得超过首轴至末轴距离米数的5倍；\
             该距离为5 650 mm，限值为28 250 kg。",
            "该限值适用于驱动轴均为双轮胎且装备空气悬架的车辆，已知该车符合。",
        ]
    );
}

/// The sentences about what a measurement excludes in one language, without their numbers.
fn exclusions(lang: Language, args: &AssessArgs) -> Vec<String> {
    let page = printed(&AssessArgs { lang, explain: true, ..args.clone() });
    let words = ["so that", "pattern counts", "cannot raise", "故", "以实测轴型为准", "不能据此"];
    let lines = page.lines().filter(|line| words.iter().any(|word| line.contains(word)));
    lines.map(|line| line.split_once(". ").unwrap().1.to_owned()).collect()
}

#[test]
fn each_exclusion_and_each_contradiction_has_its_sentence() {
    let text = |value: &str| Some(value.to_owned());
    let long = AssessArgs { length: text("13001"), ..vehicle("7000,9000,9000", "3600,2200") };
    let dual = AssessArgs { tyres: text("s,d,d"), ..vehicle("7000,9000,9000", "2200,4500") };
    let single = AssessArgs {
        tyres: text("s,s,d"),
        drive: text("double"),
        ..vehicle("7000,9000,9000", "3600,1350")
    };
    let drive = AssessArgs { drive: text("double"), ..vehicle("7000,9000", "4500") };
    let farm = AssessArgs {
        registered: text("60000"),
        farm_vehicle: text("yes"),
        ..vehicle("7000,9000", "4500")
    };
    let all = [&long, &dual, &single, &drive, &farm];
    assert_eq!(
        all.map(|args| exclusions(Language::En, args).join(" ")),
        [
            "They are 3 600, 2 200 mm apart. Up to 2 000 mm they form one group; beyond it and up \
             to 2 500 mm, or unmeasured, is not clear, so that both 1+1+1 and 1+2 are possible. \
             It is 13 001 mm long. Also with 1 000 mm off for the measuring error it is longer \
             than the 12 000 mm that a truck may be by GB 1589-2016 (row gb16-length-rigid), so \
             that it is no truck.",
            "They are 2 200, 4 500 mm apart. Up to 2 000 mm they form one group; beyond it and up \
             to 2 500 mm, or unmeasured, is not clear, so that both 1+1+1 and 2+1 are possible. \
             Axle 2 carries dual tyres, so that the first two axles are no twin-steer pair.",
            "The limit for air suspension asks for dual tyres on every drive axle (row \
             mot124-3rigid-air). Single tyres were measured in axle group 2-3, so that it is \
             excluded.",
            "Two driven axles are stated, but the axle pattern has room for one only; the pattern \
             counts.",
            "The registered total mass of 60 000 kg lies above the limit and cannot raise it \
             (adj-registered-mass): the limit stays 18 000 kg.",
        ]
    );
    assert_eq!(
        all.map(|args| exclusions(Language::Zh, args).join("")),
        [
            "实测车长13 001 mm，扣除测量误差1 000 mm后仍超过GB 1589-2016规定的载货汽车最大长度\
             12 000 mm（限值行gb16-length-rigid），故排除载货汽车。",
            "第2轴测得为双轮胎，前两轴不是双转向轴，故排除双转向轴车辆。",
            "空气悬架车辆的限值（限值行mot124-3rigid-air）以驱动轴均为双轮胎为前提；\
             第2-3轴轴组测得有单轮胎，故不适用。",
            "所称双驱动轴与实测轴型不符，该轴型只能有一个驱动轴，以实测轴型为准。",
            "行驶证核定的总质量60 000 kg高于限值，不能据此提高限值，限值仍为18 000 kg。",
        ]
    );
}
