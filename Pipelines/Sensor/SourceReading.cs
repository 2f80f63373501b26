using System.Collections.Immutable;

namespace Sensor;

internal static class SourceReading
{
    private const string Pattern = "*?{", OfDevices = "each is a device";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    internal static SourceConfig Read(ConfigMap map) => map["source", "where rows come from"].OneOf<SourceConfig>(
        ("recordings", Recordings), ("generator", Generator), ("csv", Csv), ("mqtt", map => Server(map, "mqtt", "mqtts")),
        ("nats", map => Server(map, "nats", "tls")), ("command", Command), ("serial", Serial), ("host", Host)).Required();

    private static RecordingsConfig Recordings(ConfigMap map)
    {
        var entry = map["folder", "raw files of UCI HAR"].As("folder");
        return new(new(entry.Text().Required() is { Length: > 0 } folder ? entry.PathOf(folder) : "."), Numbers(map["people", OfDevices]))
        {
            Speed = SpeedOf(map),
        };
    }

    private static GeneratorConfig Generator(ConfigMap map) => new(
        Numbers(map["users", OfDevices]),
        map["length", "of each stream"].Duration(TimeSpan.FromSeconds(10), TimeSpan.FromDays(30)).Or(TimeSpan.FromMinutes(40)),
        map["seed", "of the streams"].Whole().Or(42))
    {
        Speed = SpeedOf(map),
    };

    private static CsvConfig Csv(ConfigMap map)
    {
        var entry = map["files", "`*`, `?`, `{person}`: [Rows of files](../guides/files.md)"].As("file or pattern");
        var files = entry.PathOf(entry.Text().Required());
        var form = FormOf(map);
        var devices = map["device", "owner of the rows"].Map(DevicesOf).Required();
        var rate = RateOf(map, "rows a second, required without a time; otherwise gaps over 3.5 rows split windows");
        var follow = map["follow", "reads one growing file, in real time"].Boolean().Or(false);
        var isNamed = devices is CsvDevices.OneDevice or CsvDevices.OfColumn { Values.Length: > 0 };
        if (follow && (files.AsSpan().ContainsAny(Pattern) || !isNamed))
        {
            map["follow"].Refuse("expected one file and named devices, such as device: { name: pump-7 }");
        }

        return new(files, form, devices, rate, follow ? Look : null)
        {
            Speed = SpeedOf(map),
        };
    }

    private static CsvOptions FormOf(ConfigMap map)
    {
        var form = PayloadReading.TextOf(map, "");
        var skip = (int)map["skip", "lines skipped before the header"].Whole(0, 10_000).Or(0);
        var hasHeader = map["header", "`false`: columns are `c0`, `c1`, …"].Boolean().Or(true);
        return form with { SkipLines = skip, Header = hasHeader, SkipBadRows = true };
    }

    private static CsvDevices DevicesOf(ConfigMap map)
    {
        List<CsvDevices> said = [];
        var name = map["name", "one device for all rows"].As(fallback: "none");
        if (!name.IsLeftOut) { said.Add(new CsvDevices.OneDevice(LinkConfig.DeviceNameOf(name))); }
        var texts = map["values", "texts of `column`; required with `follow`"].As(fallback: "all in the files");
        var values = texts.Texts(1, 1000).OrNull() ?? [];
        if (map["column", "each text is a device"].As("column").Text().OrNull() is { } column)
        {
            said.Add(new CsvDevices.OfColumn(column, values));
        }
        else if (!texts.IsAbsent) { texts.Refuse("expected a column too"); }
        if (map["each", "each file is a device"].Word("file").OrNull() is not null) { said.Add(new CsvDevices.OfFile()); }
        var part = map["part", "each of its texts is a device"].As("named part of `files`").Text().OrNull();
        if (part is not null) { said.Add(new CsvDevices.OfPart(part)); }
        if (said.Count == 1) { return said[0]; }
        map.Refuse("expected one of name: pump-7, column: person, each: file, part: person");
        return new CsvDevices.OneDevice("device");
    }

    /// <summary>One topic level may be the device.</summary>
    internal static string TopicOf(ConfigEntry entry)
    {
        var topic = entry.As("topic").Text().Required();
        if (topic.Length > 0 && (topic.Contains('#', StringComparison.Ordinal) || topic.Split('/').Count(static l => l == "+") > 1))
        {
            entry.Refuse($"expected a topic with at most one level '+', the device, got '{topic}'");
        }

        return topic;
    }

    private static ServerConfig Server(ConfigMap map, params ImmutableArray<string> schemes)
    {
        var url = LinkConfig.UrlOf(map["url", "server of the sensors"], schemes);
        var topic = TopicOf(map["topic", "one level may be `+`: the device"]);
        var entry = map["devices", "texts of level `+`, or one name; `any`: all that publish"].As("{0}, or `any`");
        var isAny = entry.IsText;
        if (isAny) { entry.Word("any").Required(); }
        var devices = isAny ? [] : entry.List(LinkConfig.DeviceNameOf, 1, 1000).Required();
        if (devices.Distinct().Count() < devices.Length) { entry.Refuse("expected each device once"); }
        if ((isAny || devices.Length > 1) && !topic.Split('/').Contains("+"))
        {
            map["topic"].Refuse("expected a level '+' for the names of several devices, such as plant/+/rows");
        }

        var takesRetained = schemes.Contains("mqtt") && map["retained", "an old message that the server kept: left out, or rows"]
            .Word(("skip", false), ("take", true)).Or(false);
        var atMost = map["at_most", "most devices with `devices: any`"].Whole(1, 1000).OrNull();
        if (isAny && atMost is null) { entry.Refuse("expected a limit with devices: any, such as at_most: 8"); }
        if (!isAny && atMost is not null) { map["at_most"].Refuse("expected devices: any with it"); }
        return new(url, LinkConfig.LoginOf(map), topic, devices, PayloadReading.OfMessages(map), RateOf(map))
        {
            AtMost = isAny ? (int?)atMost ?? 1 : null,
            TakesRetained = takesRetained,
        };
    }

    private static LinesConfig Command(ConfigMap map) => Lines(map, LineOrigin.Command(
        map["run", "program and arguments, without a shell"].Texts(1, 1000).Required() is { IsEmpty: false } run ? run : ["command"]));

    private static LinesConfig Serial(ConfigMap map)
    {
        var entry = map["baud", "bits a second, a usual speed"].As(FormattableString.Invariant(
            $"{LineOrigin.Speeds[0]:N0}–{LineOrigin.Speeds[^1]:N0}"));
        var baud = (int)entry.Whole(1, 10_000_000).Or(115_200);
        if (!LineOrigin.Speeds.Contains(baud)) { entry.Refuse($"expected one of {string.Join(", ", LineOrigin.Speeds)}"); }
        var port = map["port", "such as `/dev/ttyUSB0`, or in `/dev/serial/by-id`"].As("file").Text().Required();
        return Lines(map, LineOrigin.Serial(port, baud));
    }

    private static LinesConfig Lines(ConfigMap map, LineOrigin origin) => new(
        LinkConfig.DeviceNameOf(map["device", "device in the fleet"]), origin,
        PayloadReading.OfLines(map, header: !origin.BeginsInside), RateOf(map));

    private static HostConfig Host(ConfigMap map) => new(
        LinkConfig.DeviceNameOf(map["device", "this machine's name in the fleet"]),
        map["every", "between readings"].Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)).Or(TimeSpan.FromSeconds(1)));

    private static ImmutableArray<int> Numbers(ConfigEntry entry)
    {
        var numbers = entry.List(e => (int)e.Whole(1, 9999).Required(), 1, 1000).Required();
        if (numbers.Distinct().Count() < numbers.Length) { entry.Refuse("expected each number once"); }
        return numbers;
    }

    private static double? RateOf(
        ConfigMap map, string meaning = "rows a second: splits windows at gaps, spaces simultaneous rows") =>
        map["rate", meaning].Rate(1e-6, 1e6).OrNull();

    private static double SpeedOf(ConfigMap map)
    {
        var speed = map["speed", "times real time; 0: unlimited"].Number(0, 1e6).Or(1);
        return speed == 0 ? double.PositiveInfinity : speed;
    }
}
