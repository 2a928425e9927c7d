//! What stands against a case, in Chinese.

use crate::pipeline::record::Unenforceable;

/// One reason as a sentence.
pub(in crate::command::assess) fn against(reason: Unenforceable) -> String {
    let why = match reason {
        Unenforceable::NotOverload => "总质量未能确定超过限值",
        Unenforceable::AxleGroupOnly => "仅轴荷（轴组）超限，且未达到可作为处罚依据的幅度",
        Unenforceable::NoPlate => "未取得号牌信息",
        Unenforceable::PlateNotRead => "号牌未能完整识别",
        Unenforceable::AmbiguousPairing => "号牌与车辆的对应不唯一",
        Unenforceable::LimitAmbiguous => "按不能排除的其他情形，总质量未能确定超过限值",
        Unenforceable::GroupingUncertain => "轴组划分不确定，或与称重设备上报的轴组不一致",
        Unenforceable::SpeedOutOfRange => "车速不在检定的速度范围之内",
        Unenforceable::Manoeuvre => "车辆未按规定方式通过称重设备",
        Unenforceable::MeasurementInconsistent => "称重数据自相矛盾",
        Unenforceable::SensorFault => "该车道传感器有故障",
        Unenforceable::UnknownRemark => "称重设备上报了含义不明的异常标志",
        Unenforceable::LaneUnmapped => "称重设备的车道与站点车道未对应",
        Unenforceable::NoCertificate => "无检定证书或证书有效期不明",
        Unenforceable::CertificateExpired => "检定证书已过有效期",
        Unenforceable::ClockUnsynchronised => "系统时钟未同步",
        Unenforceable::CameraClockUnknown => "摄像机时钟偏差不明",
        Unenforceable::ScaleTimeUnknown => "称重设备时间不明",
        Unenforceable::EvidenceIncomplete => "缺少必需的图像",
        Unenforceable::WrongWay => "车辆逆行",
        Unenforceable::NotGoodsVehicle => "摄像机识别为客车，而限值适用于货运车辆",
        Unenforceable::PlateUnconfirmed => "号牌仅由一台摄像机识别，且并非每个字符都可靠",
        Unenforceable::ScaleDrift => "称重设备自校准后示值已漂移",
        Unenforceable::PartOfVehicle => "称重设备将一辆车分成了几次过车",
    };
    format!("不能作为处罚依据：{why}。")
}
