using System.Globalization;
using Broadcast.Cli.Api;

namespace Broadcast.Cli;

/// <summary>Everything the command line says, in both languages, in this one table. What machines read (JSON, field names, states in JSON) is not translated.</summary>
internal sealed class Texts(bool chinese)
{
    public const string SampleWarning = "咸宁市气象台发布暴雨黄色预警，请注意防范。";

    public bool Chinese { get; } = chinese;

    /// <summary>`--lang`, else the environment's language, else English.</summary>
    public static Texts Choose(string[] args, Func<string, string?> environment)
    {
        var at = Array.IndexOf(args, "--lang");
        var asked = at >= 0 && at + 1 < args.Length ? args[at + 1] : args.FirstOrDefault(a => a.StartsWith("--lang=", StringComparison.Ordinal))?["--lang=".Length..];
        var language = asked ?? FirstSet(environment("LC_ALL"), environment("LC_MESSAGES"), environment("LANG"));
        return new Texts(language.StartsWith("zh", StringComparison.OrdinalIgnoreCase));
    }

    private static string FirstSet(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrEmpty(value)) return value;
        }

        return "";
    }

    public string Provisioned(string device) => Pick($"The board is {device} now and restarts.", $"该板已配置为 {device}，正在重启。");

    public string FirmwareMissing(string packages) => Pick(
        $"The image was not built: the package feed lacks {packages}. The same sources run on the host in ./broadcast test (Broadcast.Firmware.Tests).",
        $"未能构建固件：软件包源中没有 {packages}。同一份源码可在主机上运行：./broadcast test（Broadcast.Firmware.Tests）。");

    private string Pick(string english, string zh) => Chinese ? zh : english;

    // Verbs.
    public string Root => Pick("Broadcast: makes a county's loudspeakers speak.", "Broadcast：让全县的大喇叭说话。");
    public string VerbUp => Pick("Start the cloud and a demo prefecture of simulated devices.", "启动云端服务和演示用的全市模拟终端。");
    public string VerbDown => Pick("Stop what `up` started.", "停止 up 启动的全部进程。");
    public string VerbWarn => Pick("Release a warning and watch it being spoken.", "发布预警并实时查看播发进度。");
    public string VerbPassword => Pick("Replace a password, the one you were given first of all.", "修改密码（首次登录须修改初始密码）。");
    public string VerbCancel => Pick("Cancel a released warning.", "取消已发布的预警。");
    public string VerbDevice => Pick("Take a stolen or lost device out of the wrong hands.", "处置被盗或遗失的终端。");
    public string VerbRekey => Pick("New link secret and key epoch: the old ones open nothing from now on, and its session is closed.", "更换接入密码和密钥：旧的立即失效，在线会话随即断开。");
    public string VerbService => Pick("Take a device into or out of service; out of service its session is closed and it does not come in.", "变更终端服务状态；停用后会话断开，且无法再接入。");
    public string ArgumentService => Pick("in-service, maintenance or decommissioned.", "in-service（在用）、maintenance（维护）或 decommissioned（停用）。");
    public string Custody(CustodyShape c) => Pick(
        $"{c.Id} is {c.Service}, key epoch {c.KeyEpoch}.{(c.HandOver is null ? "" : $" Its new keys are in {c.HandOver} in the service's data folder: `provision` puts them into the board.")}{(c.NotReached.Count == 0 ? "" : $" Nodes not reached yet: {string.Join(", ", c.NotReached)}; they follow within a minute.")}",
        $"{c.Id} 当前为 {c.Service}，密钥第 {c.KeyEpoch} 期。{(c.HandOver is null ? "" : $"新密钥已写入服务数据目录的 {c.HandOver}，请用 provision 写入终端。")}{(c.NotReached.Count == 0 ? "" : $"尚未通知到的节点：{string.Join("、", c.NotReached)}，一分钟内自动生效。")}");
    public string VerbStatus => Pick("Show the cloud, or one warning.", "查看系统状态或某条预警。");
    public string VerbEdge => Pick("Run a real gateway that speaks, in the place of a simulated device of the running demo.", "运行一个真正发声的网关，替代演示中的一个模拟终端。");
    public string VerbBackup => Pick("Save the ledger of a running cloud to a file.", "在线备份台账到文件。");
    public string OptionAsItWas => Pick("Also the keys, service, delegations, duties and passwords of then: who was shut out since comes in again.", "密钥、停用、授权、职责和密码也恢复到备份时：此后被停用者可重新进入。");

    public string VerbRestore => Pick("Put a backup back, while the cloud is stopped.", "停机后恢复备份。");
    public string VerbProvision => Pick("Give a microcontroller its settings over its service port, or ask how it is.", "通过服务口配置单片机终端，或查询其状态。");
    public string VerbFirmware => Pick("Build the microcontroller's image, or say what is missing for it.", "构建单片机固件，或说明缺少什么。");
    public string VerbTest => Pick("Run every test; the last line is the sum.", "运行全部测试，最后一行为合计。");
    public string VerbFleet => Pick("Run simulated devices against the running cloud, or against any address.", "运行模拟终端，连接正在运行的云端或任意地址。");
    public string VerbBench => Pick("Measure the product beside its peers in one run; without a name, list what there is.", "与同类软件在同一次运行中对比测量；不带名称则列出全部项目。");
    public string ArgumentBench => Pick("Which benchmark; what follows are its own options (--devices, --rounds, --tls …).", "测量项目；其后为该项目自己的选项（--devices、--rounds、--tls 等）。");
    public string NoPlainLink => Pick("This cloud has no plain link; start it with --plain, or leave --plain out.", "该云端未开放明文链路；请以 --plain 启动，或去掉 --plain。");
    public IReadOnlyList<(string Name, string Value, string What)> FleetOptions =>
    [
        ("--host", "NAME", Pick("Where the device endpoint listens (default: the running cloud).", "设备接入地址（默认：正在运行的云端）。")),
        ("--port", "N", Pick("Its port.", "端口。")),
        ("--ca", "FILE", Pick("The authority's certificate (default: the data folder's).", "CA 证书（默认取自数据目录）。")),
        ("--devices-file", "FILE", Pick("devices.csv with the devices and their keys (default: the data folder's).", "终端及密钥清单 devices.csv（默认取自数据目录）。")),
        ("--slice", "I/N", Pick("Every N-th device, beginning with the I-th.", "从第 I 个起每 N 个取一个终端。")),
        ("--except", "ID", Pick("Without this device.", "不含该终端。")),
        ("--loss", "P", Pick("Chance that a frame is lost together with its connection.", "帧连同连接一并丢失的概率。")),
        ("--latency", "MS", Pick("Mean one-way delay.", "平均单向时延（毫秒）。")),
        ("--disconnect-every", "S", Pick("Mean seconds between two breaks of a device's connection.", "终端连接平均多少秒中断一次。")),
        ("--refuse", "P", Pick("Chance that a frame to a device is altered on the way.", "下行帧被篡改的概率。")),
        ("--fail", "P", Pick("Chance that a playback ends in a failing amplifier.", "播放时功放故障的概率。")),
        ("--clock-error", "MS", Pick("Devices have a clock of their own, wrong by up to so much.", "终端自带时钟，误差不超过该值。")),
        ("--speech-rate", "N", Pick("Characters spoken a second.", "每秒播报字数。")),
        ("--connects-per-second", "N", Pick("First connections a second.", "每秒首次连接数。")),
        ("--state-dir", "DIR", Pick("Keeps every device's flash as a file.", "将各终端的闪存保存为文件。")),
        ("--journal", "FILE", Pick("Writes what every device really did.", "记录各终端的实际动作。")),
        ("--seed", "N", Pick("Seeds the faults.", "故障随机种子。")),
    ];
    public string VerbSimulate => Pick("Live simulated worlds that try to break the rules.", "运行模拟世界，尝试破坏规则。");
    public string VerbBoard => Pick("Show the figures of a hardware board, or make its drawings and tables anew.", "显示硬件板的计算值，或重新生成接线图与表格。");
    public string VerbHelp => Pick("Show this help, or that of a verb.", "显示帮助。");

    // Options and arguments.
    public string OptionLang => Pick("Language of the texts: zh or en (default: from LANG).", "界面语言：zh 或 en（默认取自 LANG）。");
    public string OptionHelp => Pick("Show what is expected.", "显示用法。");
    public string OptionVersion => Pick("Show the version.", "显示版本。");
    public string OptionData => Pick("Data folder (default: .broadcast in the repository).", "数据目录（默认：仓库下的 .broadcast）。");
    public string OptionCloud => Pick("Address of the cloud (default: the one that runs on the data folder).", "云端地址（默认：数据目录上正在运行的服务）。");
    public string OptionCa => Pick("Certificate authority to trust, as a PEM file.", "要信任的 CA 证书（PEM 文件）。");
    public string OptionAsOperator => Pick("Sign in as this operator; the password comes from BROADCAST_OPERATOR_PASSWORD or a prompt.", "以该操作员登录；密码取自 BROADCAST_OPERATOR_PASSWORD 或提示输入。");
    public string OptionAsApprover => Pick("Sign in as this approver; the password comes from BROADCAST_APPROVER_PASSWORD or a prompt.", "以该审批员登录；密码取自 BROADCAST_APPROVER_PASSWORD 或提示输入。");
    public string OptionRegion => Pick("A region by its 12-digit code; the level is looked up where it is left out.", "行政区 12 位代码；未写级别时自动查询。");
    public string OptionPolygon => Pick("A closed ring of points, latitude first, in WGS 84.", "闭合多边形，纬度在前，WGS 84。");
    public string OptionCircle => Pick("Centre and radius in km, latitude first, in WGS 84.", "圆心与半径（公里），纬度在前，WGS 84。");
    public string OptionSite => Pick("A single site by its id.", "单个站点编号。");
    public string OptionLevel => Pick("Level of the warning.", "预警级别。");
    public string OptionEvent => Pick("Event code, such as 11B03.", "事件代码，例如 11B03。");
    public string OptionText => Pick("What is spoken.", "播发内容。");
    public string OptionClass => Pick("Class of the warning.", "播发类别。");
    public string OptionValid => Pick("How long it is valid.", "有效时长。");
    public string OptionLanguage => Pick("Language of the text.", "播发语言。");
    public string OptionRepeat => Pick("How often it is spoken (default 3).", "重复次数（默认 3）。");
    public string OptionVolume => Pick("Percent of the full volume (default 100).", "音量百分比（默认 100）。");
    public string OptionSiren => Pick("Open the siren too (actual and siren-test only).", "同时鸣响警报器（仅实发与警报器测试）。");
    public string OptionDryRun => Pick("Show which villages and sites would speak; change nothing.", "只显示将播发的村和站点，不做任何更改。");
    public string OptionJson => Pick("Write JSON for programs.", "以 JSON 输出。");
    public string OptionYes => Pick("Do not ask again before a red, an orange or a siren.", "红色、橙色或警报器播发前不再确认。");
    public string OptionWatchFor => Pick("Look at most this long; the warning goes on.", "最多观看这么久；播发不受影响。");
    public string OptionWatch => Pick("Keep looking until Ctrl-C, or until the warning has ended.", "持续查看。");
    public string OptionReason => Pick("Why; it is kept in the audit trail.", "原因，记入审计。");
    public string OptionDetach => Pick("Leave it running and return; `down` stops it.", "后台运行，用 down 停止。");
    public string OptionPlain => Pick("Devices connect without TLS (a labelled extra, for measuring).", "终端不使用 TLS（仅用于测量）。");
    public string OptionResetPasswords => Pick("Give the demo's people new passwords.", "为演示人员重新生成密码。");
    public string ArgumentServicePort => Pick("Serial port of the cable, such as /dev/ttyUSB0, or tcp:HOST:PORT of a serial server.", "串口，例如 /dev/ttyUSB0；或串口服务器 tcp:主机:端口。");
    public string OptionDevicesFile => Pick("The cloud's devices.csv with the device's keys; keep it secret.", "云端的 devices.csv（含密钥，请妥善保管）。");
    public string OptionDevice => Pick("Id of the device that the board becomes.", "该板将成为的终端编号。");
    public string OptionLink => Pick("HOST:PORT of the cloud's device link.", "云端设备接入的 主机:端口。");
    public string OptionSet => Pick("A further setting, name=value, such as wifi=NETWORK; may be repeated.", "其他设置 name=value，例如 wifi=网络名；可重复。");
    public string FirmwareBuilt => Pick("The image lies in firmware/image/*/bin.", "固件位于 firmware/image/*/bin。");
    public string OptionDevices => Pick("How many of the demo's devices to run (default: all).", "模拟终端数量（默认全部）。");
    public string OptionPort(string name) => name switch
    {
        "--https" => Pick("HTTPS port of the API; 0 takes a free one.", "API 的 HTTPS 端口；0 为任意空闲端口。"),
        "--http" => Pick("HTTP port of the API, this machine only; 0 takes a free one.", "API 的 HTTP 端口（仅本机）；0 为任意空闲端口。"),
        "--link" => Pick("Port of the device link (MQTT over TLS); 0 takes a free one.", "终端接入端口（MQTT/TLS）；0 为任意空闲端口。"),
        _ => Pick("Port of the device link without TLS, with --plain.", "不带 TLS 的终端接入端口（配合 --plain）。"),
    };
    public string OptionSimulateMinutes => Pick("Live seeds for so many minutes.", "运行多少分钟。");
    public string OptionSimulateSeed => Pick("Begin with this seed; without --minutes live it once and tell every step.", "起始种子；不带 --minutes 时只运行该种子并逐步输出。");
    public string OptionSimulateDays => Pick("Virtual days of each seed.", "每个种子的虚拟天数。");
    public string OptionLong => Pick("Also the long tests (BROADCAST_LONG=1).", "同时运行长时间测试（BROADCAST_LONG=1）。");
    public string OptionProjectTimeout => Pick("How long one project may take.", "单个测试项目的时限。");
    public string OptionTimeout => Pick("How long all of them may take.", "全部测试的时限。");
    public string ArgumentWarning => Pick("Id of a warning.", "预警编号。");
    public string VerbUpdate => Pick("The gateways' own program: make a key, sign, offer, show.", "终端程序更新：制作密钥、签名、下发、查看。");

    public string VerbUpdateKey => Pick("Make the key pair that packages are signed with.", "生成程序包签名密钥。");

    public string VerbUpdateSign => Pick("Sign a published gateway as a package.", "将已发布的终端程序签名为程序包。");

    public string VerbUpdateOffer => Pick("Bring a package to the cloud and want it of sites.", "上传程序包并下发到站点。");

    public string VerbUpdateShow => Pick("What is wanted of a site's gateway, and what became of it.", "查看站点终端程序的期望与实际状态。");

    public string ArgumentKeyFolder => Pick("Folder for update.key (secret) and update.pub.pem (for the gateways).", "存放 update.key（保密）和 update.pub.pem（用于终端）的目录。");

    public string ArgumentProgram => Pick("Folder of the published gateway.", "已发布的终端程序目录。");

    public string ArgumentPackage => Pick("The package file.", "程序包文件。");

    public string ArgumentSite => Pick("The site's id.", "站点编号。");

    public string OptionUpdateKey => Pick("The secret key.", "签名私钥。");

    public string OptionRelease => Pick("Version, for people.", "版本号。");

    public string OptionNumber => Pick("Number, above every earlier one.", "序号，须大于以往所有序号。");

    public string OptionTarget => Pick("Machine: linux-arm64 or linux-x64 (default: this one).", "机型：linux-arm64 或 linux-x64（默认本机）。");

    public string OptionSites => Pick("A site; give it again for more.", "站点，可重复给出。");

    public string Offered(string version, string site, int revision) => Pick($"{version} is wanted of {site} (revision {revision}).", $"已要求 {site} 更新到 {version}（第 {revision} 次）。");

    public string ArgumentBackup => Pick("The backup file.", "备份文件。");
    public string ArgumentBoard => Pick("Name of the board (default: all of hardware/boards).", "硬件板名称（默认：hardware/boards 下全部）。");
    public string OptionCounts => Pick("Counts of one ESP32 at 4 and at 20 mA: gives its converter's line.", "某块 ESP32 在 4 mA 与 20 mA 时的读数：算出其转换直线。");
    public string OptionWrite => Pick("Write the drawings, tables and the schema that the board files make.", "写出由 board.json 生成的图、表与模式文件。");
    public string ArgumentFilter => Pick("Part of a project's name, else part of a test's name.", "测试项目名或测试名的一部分。");

    // Mistakes at the command line: what was typed, what was expected.
    public string BadRegion(string text) => Pick($"--region: '{text}' is no region code; expected 12 digits, as in 421202000000 or 421202000000:county.", $"--region：“{text}”不是行政区代码，应为 12 位数字，如 421202000000 或 421202000000:county。");
    public string BadLevelOfRegion(string text, IEnumerable<string> levels) => Pick($"--region: '{text}' has an unknown level; expected {string.Join(", ", levels)}.", $"--region：“{text}”的级别未知，应为 {string.Join("、", levels)} 之一。");
    public string BadPoint(string option, string text) => Pick($"{option}: '{text}' is no point; expected LATITUDE,LONGITUDE, as in 29.84,114.32.", $"{option}：“{text}”不是坐标，应为 纬度,经度，如 29.84,114.32。");
    public string BadCircle(string text) => Pick($"--circle: '{text}' is no circle; expected LATITUDE,LONGITUDE,KM, as in 29.84,114.32,5.", $"--circle：“{text}”不是圆，应为 纬度,经度,公里，如 29.84,114.32,5。");
    public string OffTheGlobe(string option, string text) => Pick($"{option}: '{text}' is not on the globe; latitude (±90) comes first, then longitude (±180).", $"{option}：“{text}”超出范围；纬度（±90）在前，经度（±180）在后。");
    public string NoArea => Pick("No area: give --region, --polygon, --circle or --site.", "缺少播发区域：请给出 --region、--polygon、--circle 或 --site。");
    public string Missing(string option) => Pick($"{option} is missing.", $"缺少 {option}。");
    public string BadDuration(string option, string text) => Pick($"{option}: '{text}' is no duration; expected a number and s, m, h or d, as in 60m.", $"{option}：“{text}”不是时长，应为数字加 s、m、h 或 d，如 60m。");
    public string BadNumber(string option, string text) => Pick($"{option}: {text} is out of range.", $"{option}：{text} 超出范围。");
    public string BadPort(string option) => Pick($"{option}: a port is 0 (any free one) to 65535.", $"{option}：端口应为 0（任意空闲）到 65535。");
    public string BadCloudAddress(string text) => Pick($"--cloud: '{text}' is no address; expected https://HOST:PORT (http only on this machine).", $"--cloud：“{text}”不是地址，应为 https://主机:端口（http 仅限本机）。");
    public string NoSuchFile(string name, string path) => Pick($"{name}: there is no file {path}.", $"{name}：文件 {path} 不存在。");
    public string FileIsThere(string path) => Pick($"{path} is there already; nothing is overwritten.", $"{path} 已存在，不会覆盖。");
    public string HelpHint(string verb) => Pick($"./broadcast {verb} --help shows what is expected.", $"./broadcast {verb} --help 查看用法。");

    // People and doors.
    public string NobodyToAsk(string duty) => Pick($"Nobody of the demo covers this area as {duty}; name somebody with --as-{(duty == "approver" ? "approver" : "operator")}.", $"演示人员中没有管辖该区域的 {duty}；请用 --as-{(duty == "approver" ? "approver" : "operator")} 指定。");
    public string PasswordOf(string name) => Pick($"Password of {name}:", $"{name} 的密码：");
    public string NoPassword(string name, string variable) => Pick($"No password for {name}: set {variable}.", $"没有 {name} 的密码：请设置 {variable}。");
    public string NewPasswordOf(string name) => Pick($"New password of {name}:", $"{name} 的新密码：");
    public string NewPasswordAgain => Pick("Again:", "再次输入：");
    public string PasswordsDiffer => Pick("The two are not the same; nothing was changed.", "两次输入不一致，未作更改。");
    public string NoNewPassword(string variable) => Pick($"No new password: set {variable}.", $"没有新密码：请设置 {variable}。");
    public string PasswordSet(string name) => Pick($"{name} has a new password; every sign-in before it has ended.", $"{name} 的密码已更改，此前的登录均已失效。");
    public string NoCloudHere(string data) => Pick($"No cloud is running on {data}. Start one with ./broadcast up, or name one with --cloud.", $"{data} 上没有运行中的服务。请先 ./broadcast up，或用 --cloud 指定。");
    public string Unreachable(string why) => Pick($"The cloud cannot be reached: {why}", $"无法连接云端：{why}");
    public string RefusedBy(int status, string title) => Pick($"The cloud refused ({status}{(title.Length > 0 ? ": " + title : "")}).", $"云端拒绝（{status}{(title.Length > 0 ? "：" + title : "")}）。");

    public string BackedUp(string path, long bytes) => Pick($"Saved {path} ({bytes} bytes).", $"已保存 {path}（{bytes} 字节）。");

    // up and down.
    public string StartingCloud => Pick("Starting the cloud …", "正在启动云端……");
    public string DevicesOnline(int online, int expected) => Pick($"{online} of {expected} devices online", $"终端在线 {online} / {expected}");
    public string UpAlready(string address, string data) => Pick($"It is up already: {address} (data in {data}). ./broadcast down stops it.", $"已在运行：{address}（数据目录 {data}）。停止请用 ./broadcast down。");
    public string LeftBehind(IEnumerable<string> names) => Pick($"Ended what an earlier, killed `up` had left running: {string.Join(", ", names)}.", $"已清理上次异常退出遗留的进程：{string.Join("、", names)}。");
    public string PortBusy(int port, string flag) => Pick($"Port {port} is in use by another program, or not ours to take; choose another with {flag} PORT (0 takes a free one).", $"端口 {port} 已被占用或无权使用；请用 {flag} PORT 更换（0 为任意空闲端口）。");
    public string DidNotStart(string name) => Pick($"{name} did not start.", $"{name} 未能启动。");
    public string Ended(string name, string log) => Pick($"{name} has ended; the end of its log ({log}):", $"{name} 已退出，日志（{log}）末尾：");
    public string NotReady(string name, string log) => Pick($"{name} was not ready in time; the end of its log ({log}):", $"{name} 未能按时就绪，日志（{log}）末尾：");
    public string CtrlCStops => Pick("Ctrl-C stops everything.", "按 Ctrl-C 停止全部。");
    public string Stopped(IEnumerable<string> names) => Pick($"Stopped: {string.Join(", ", names)}.", $"已停止：{string.Join("、", names)}。");
    public string NothingRuns(string data) => Pick($"Nothing runs on {data}.", $"{data} 上没有运行中的进程。");
    public string StopFirst => Pick("The cloud is running on this folder; stop it first with ./broadcast down.", "该目录上的服务正在运行，请先 ./broadcast down。");
    public string UpTitle => Pick(" Broadcast is up ", " Broadcast 已启动 ");
    public string LabelLink => Pick("Device link", "终端接入");
    public string LabelDevices => Pick("Devices", "终端");
    public string LabelAudible => Pick("Audible", "可听见的站点");
    public string LabelLane => Pick("Packages", "软件包");
    public string LabelData => Pick("Data", "数据目录");
    public string WithoutTls => Pick("without TLS", "无 TLS");
    public string PositionsAreGenerated => Pick("simulated; their positions are generated inside the county outlines", "模拟终端；位置在各县区轮廓内随机生成");
    public string PeopleTitle => Pick("The demo's people:", "演示人员：");
    public string TryNext => Pick("Try next:", "接下来可以试试：");

    // edge.
    public string OptionEdgeDevice => Pick("Which of the demo's devices it is (default: the first that no gateway has).", "替代哪个终端（默认第一个空闲的）。");
    public string OptionWav => Pick("Write what it says to WAV files in this folder, also where there is a sound card.", "将播音写入该目录的 WAV 文件（即使有声卡）。");
    public string OptionEdgePage => Pick("Where its page listens; port 0 takes a free one.", "本地页面监听地址（端口 0 为任意空闲端口）。");
    public string OptionBoard => Pick("Board file of its pins and sensors.", "引脚与传感器的主板文件。");
    public string OptionNoEdge => Pick("Simulate every device: no gateway that can be heard, and no boards with the firmware.", "全部为模拟终端，不启动可发声的网关和固件板。");
    public string OptionBoards => Pick("How many of the devices are the microcontroller's firmware on a simulated board (0 for none).", "多少个终端在模拟电路板上运行单片机固件（0 为不运行）。");
    public string LabelBoards => Pick("Firmware", "固件");
    public string BoardsRow(string devices, string log) => Pick($"{devices} are the microcontroller's firmware on simulated boards; their chips and relays: {log}", $"{devices} 在模拟电路板上运行单片机固件，语音芯片与继电器记录：{log}");
    public string BoardsMissing => Pick("The boards with the firmware did not start; their devices are simulated.", "固件板未能启动，相应终端改为模拟。");
    public string OptionTownship => Pick("Carry so many simulated devices of its township as children.", "作为乡镇网关，带本乡镇的若干模拟终端。");
    public string NoTownship(string id) => Pick($"No other device of {id}'s township is free.", $"{id} 所在乡镇没有其他可用终端。");
    public string TownshipAt(string door, IEnumerable<string> children) => Pick($"It carries {string.Join(", ", children)}, which connect to {door}. Give a notice on its page, stop the cloud, warn them: each goes through it.", $"作为乡镇网关带 {string.Join("、", children)}，接入地址 {door}。可在本地页面发通知、停止云端或发布预警试试。");
    public string TownshipJournal(string file) => Pick($"What they really say: {file}", $"终端实际播音记录：{file}");
    public string NoDemoDevice(string data) => Pick($"There is no device in {data} that a gateway could be; start the demo with ./broadcast up.", $"{data} 中没有可用终端，请先 ./broadcast up。");
    public string UnknownDevice(string id) => Pick($"The demo has no device {id}; devices.csv in the data folder lists them.", $"演示中没有终端 {id}，见数据目录中的 devices.csv。");
    public string DeviceIsLent(string id) => Pick($"Another gateway is device {id} already; name another with --device.", $"终端 {id} 已由另一个网关运行，请用 --device 指定其他终端。");
    public string NoSpeechHere => Pick("The synthesizer espeak-ng is missing, so nothing can be spoken here. This installs it: sudo apt-get install -y espeak-ng", "缺少语音合成器 espeak-ng，无法发声。安装：sudo apt-get install -y espeak-ng");
    public string EdgeIs(string device, string site, string village) => Pick($"Gateway {device} serves site {site} in village {village}.", $"网关 {device} 服务于村 {village} 的站点 {site}。");
    public string EdgeSoundsInto(string folder) => Pick($"What it says is written to WAV files in {folder}.", $"播音写入 WAV 文件：{folder}。");
    public string EdgeSoundsOn(string card) => Pick($"It speaks through the sound card ({card}).", $"通过声卡（{card}）发声。");
    public string EdgePageAt(string page, string code) => Pick($"Its page: {page}   one-time code {code}", $"本地页面：{page}   一次性验证码 {code}");
    public string EdgeLogIn(string log) => Pick($"Its log: {log}", $"日志：{log}");
    public string EdgeRow(string device, string site, string sound) => Pick($"{device} at {site} is a real gateway; it speaks into {sound}", $"{device}（{site}）为真实网关，播音输出到 {sound}");

    // warn, cancel, status.
    public string ReallyWarn(int sites, int villages, string level) => Pick($"{sites} sites in {villages} villages will speak a {level} warning. Go on?", $"将向 {villages} 个村的 {sites} 个站点播发 {level} 预警，确定？");
    public string Released(string id, int targets, string author, string approver) => Pick($"Released {id} to {targets} sites (drafted by {author}, approved by {approver}).", $"已发布 {id}，目标 {targets} 个站点（{author} 起草，{approver} 审批）。");
    public string WaitingForProgress => Pick("Waiting for the first word …", "等待回执……");
    public string ProgressHead(int played, int targets, string elapsed) => Pick($"{played} of {targets} have played it   {elapsed}", $"已播完 {played} / {targets}   {elapsed}");
    public string Stream(bool broken) => broken ? Pick("The stream broke; coming back …", "连接中断，正在恢复……") : Pick("The stream is back.", "连接已恢复。");
    public string SummaryLine(int played, int targets, bool final) => Pick($"{played} of {targets} have played it{(final ? "." : " so far.")}", $"{(final ? "" : "目前")}已播完 {played} / {targets}。");
    public string GoesOn(string id) => Pick($"The warning goes on; look again with ./broadcast status {id} --watch", $"播发仍在继续；查看：./broadcast status {id} --watch");
    public string MoreSites(int n) => Pick($"  … and {n} more.", $"  ……另有 {n} 个。");
    public string MoreVillages(int n) => Pick($"… and {n} more villages; --json has them all.", $"……另有 {n} 个村，--json 输出全部。");
    public string WouldSpeak(int sites, int villages, int online) => Pick($"{sites} sites in {villages} villages would speak; {online} are online now. Nothing was changed.", $"将有 {villages} 个村的 {sites} 个站点播发，其中 {online} 个在线。未做任何更改。");
    public string CancelSaid(string id) => Pick($"Cancelled {id}.", $"已取消 {id}。");
    public string DefaultReason => Pick("cancelled at the command line", "命令行取消");
    public string NoWarnings => Pick("No warnings yet.", "暂无预警。");
    public string StatusLine(StatusShape s) => Pick(
        $"{s.Node}: {s.Online} of {s.Devices} devices online, {s.WarningsActive} warnings under way, up {Uptime(s)}, packages {s.Lane}, version {s.Version}{(s.StorageFull ? " — STORAGE IS FULL: only red, stop and audit go through" : "")}",
        $"{s.Node}：终端在线 {s.Online} / {s.Devices}，播发中 {s.WarningsActive}，已运行 {Uptime(s)}，软件包 {s.Lane}，版本 {s.Version}{(s.StorageFull ? " —— 存储已满：仅红色、取消与审计可用" : "")}");
    public string WarningLine(RevisionShape w) => $"{w.Id}  {Class(w.Class)} {Level(w.Level)}  {w.Event}  {WarningState(w.State)}";
    public string Offline => Pick("offline", "离线");
    public string Yes => Pick("yes", "是");
    public string No => Pick("no", "否");

    // Columns.
    public string ColumnVillage => Pick("Village", "村");
    public string ColumnName => Pick("Name", "名称");
    public string ColumnSites => Pick("Sites", "站点");
    public string ColumnPosition => Pick("Latitude,longitude", "纬度,经度");
    public string ColumnOnline => Pick("Online", "在线");
    public string ColumnState => Pick("State", "状态");
    public string ColumnDevices => Pick("Devices", "终端数");
    public string ColumnFirst => Pick("First", "最早");
    public string ColumnLast => Pick("Last", "最晚");
    public string ColumnDuty => Pick("Duty", "职责");
    public string ColumnRegion => Pick("Region", "行政区");
    public string ColumnPassword => Pick("Password", "密码");
    public string ColumnReleased => Pick("Released", "发布时间");
    public string ColumnLevel => Pick("Class and level", "类别与级别");
    public string ColumnText => Pick("Text", "内容");

    // test.
    public string NoTestMatches(string filter) => Pick($"No test ran{(filter.Length > 0 ? $": none matches '{filter}'" : "")}.", $"没有运行任何测试{(filter.Length > 0 ? $"：无匹配“{filter}”" : "")}。");
    public string Skipped(int n) => Pick($"{n} skipped.", $"跳过 {n} 项。");
    public string ResultsIn(string folder) => Pick($"Reports and outputs: {folder}", $"报告与输出：{folder}");

    /// <summary>Played is what a device says; verified audible is what something measured.</summary>
    public string SoundLine(SoundShape s) => Pick(
        $"Verified audible: {s.VerifiedAudible}; measured and silent: {s.MeasuredSilent}; not measured: {s.NotMeasured}.",
        $"经测量确认出声：{s.VerifiedAudible}；测量为无声：{s.MeasuredSilent}；未测量：{s.NotMeasured}。");

    /// <summary>What measured an order's sound, as the API writes it, for a person.</summary>
    public string Sound(string? word) => word switch
    {
        "amplifierDriven" => Pick("verified audible (amplifier current)", "经测量确认出声（功放电流）"),
        "microphoneHeard" => Pick("verified audible (microphone)", "经测量确认出声（拾音器）"),
        "amplifierSilent" => Pick("played, but too little current in the loudspeakers", "已播完，但扬声器电流不足"),
        "microphoneSilent" => Pick("played, but the microphone heard too little", "已播完，但拾音器未听到"),
        _ => Pick("not measured", "未测量"),
    };

    /// <summary>An order's state as the API writes it, for a person.</summary>
    public string State(string state) => !Chinese ? state : state switch
    {
        "queued" => "排队",
        "sent" => "已发送",
        "received" => "已接收",
        "playing" => "播放中",
        "played" => "已播完",
        "interrupted" => "被打断",
        "stopped" => "已停止",
        "refused" => "拒绝",
        "failed" => "失败",
        "expired" => "已过期",
        "cancelled" => "已取消",
        _ => state,
    };

    public string WarningState(string state) => !Chinese ? state : state switch
    {
        "draft" => "草稿",
        "submitted" => "待审批",
        "approved" => "已审批",
        "released" => "已发布",
        "rejected" => "已驳回",
        "withdrawn" => "已撤回",
        "superseded" => "已更新",
        "cancelled" => "已取消",
        "ended" => "已结束",
        _ => state,
    };

    public string Class(string word) => !Chinese ? word : word switch
    {
        "actual" => "实发",
        "exercise" => "演练",
        "test" => "测试",
        "sirenTest" => "警报器测试",
        "programme" => "定时节目",
        "localNotice" => "本地通知",
        _ => word,
    };

    public string Level(string? word) => word switch
    {
        null or "none" => "",
        "red" => Pick("red", "红色"),
        "orange" => Pick("orange", "橙色"),
        "yellow" => Pick("yellow", "黄色"),
        "blue" => Pick("blue", "蓝色"),
        _ => word,
    };

    private static string Uptime(StatusShape s)
    {
        var time = TimeSpan.FromSeconds(s.UptimeSeconds);
        return string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}");
    }
}
