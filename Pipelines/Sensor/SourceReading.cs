using System.Collections.Immutable;
using StreamLearn.Tables;

namespace Sensor;

internal static class SourceReading
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    internal static SourceConfig Read(ConfigMap map) => map["source"].OneOf<SourceConfig>(
        ("recordings", Recordings), ("generator", Generator), ("csv", Csv), ("mqtt", map => Server(map, "mqtt", "mqtts")),
        ("nats", map => Server(map, "nats", "tls")), ("command", Command), ("serial", Serial), ("host", Host)).Required();

    private static RecordingsConfig Recordings(ConfigMap map) =>
        new(new(map["folder"].Text().Required() is { Length: > 0 } folder ? map["folder"].PathOf(folder) : "."),
            Numbers(map["people"], 1, 9999))
        {
            Speed = SpeedOf(map["speed"]),
        };

    private static GeneratorConfig Generator(ConfigMap map) => new(
        Numbers(map["users"], 1, 9999),
        map["length"].Duration(TimeSpan.FromSeconds(10), TimeSpan.FromDays(30)).Or(TimeSpan.FromMinutes(40)),
        map["seed"].Whole().Or(42))
    {
        Speed = SpeedOf(map["speed"]),
    };

    private static CsvConfig Csv(ConfigMap map)
    {
        var files = map["files"].PathOf(map["files"].Text().Required());
        var delimiter = map["delimiter"].Word(DelimiterWords.All).Or(',');
        var encoding = map["encoding"].Word([.. EncodingWords.All]).OrNull();
        var comment = map["comment"].Text().OrNull();
        if (comment is { Length: not 1 }) { map["comment"].Refuse($"expected a character, got '{comment}'"); }
        var missing = map["missing"].List(static e => e.Text().Required(), 1, 100).OrNull() ?? [];
        var skip = (int)map["skip"].Whole(0, 10_000).Or(0);
        var hasHeader = map["header"].Boolean().Or(true);
        var isComma = map["decimal"].Word(("point", false), ("comma", true)).Or(false);
        if (isComma && delimiter == ',') { map["decimal"].Refuse("expected another delimiter than comma with decimal commas"); }
        var devices = map["device"].Map(DevicesOf).Required();
        var rate = map["rate"].Rate(1e-6, 1e6).OrNull();
        var follow = map["follow"].Boolean().Or(false);
        var isNamed = devices is CsvDevices.OneDevice or CsvDevices.OfColumn { Values.Length: > 0 };
        if (follow && (files.AsSpan().ContainsAny('*', '?', '{') || !isNamed))
        {
            map["follow"].Refuse("expected one file and named devices, such as device: { name: pump-7 }");
        }

        CsvOptions form = new()
        {
            Delimiter = delimiter,
            DecimalComma = isComma && delimiter != ',',
            Encoding = encoding,
            SkipLines = skip,
            Header = hasHeader,
            Comment = comment is [var character] ? character : null,
            Missing = missing.IsEmpty ? CsvOptions.DefaultMissing : [.. CsvOptions.DefaultMissing, .. missing],
            SkipBadRows = true,
        };
        return new(files, form, devices, rate, follow ? Look : null)
        {
            Speed = SpeedOf(map["speed"]),
        };
    }

    private static CsvDevices DevicesOf(ConfigMap map)
    {
        List<CsvDevices> said = [];
        if (!map["name"].IsAbsent) { said.Add(new CsvDevices.OneDevice(LinkConfig.DeviceNameOf(map["name"]))); }
        var values = map["values"].List(static e => e.Text().Required(), 1, 1000).OrNull() ?? [];
        if (map["column"].Text().OrNull() is { } column) { said.Add(new CsvDevices.OfColumn(column, values)); }
        else if (!map["values"].IsAbsent) { map["values"].Refuse("expected a column too"); }
        if (map["each"].Word("file").OrNull() is not null) { said.Add(new CsvDevices.OfFile()); }
        if (map["part"].Text().OrNull() is { } part) { said.Add(new CsvDevices.OfPart(part)); }
        if (said.Count == 1) { return said[0]; }
        map.Refuse("expected one of name: pump-7, column: person, each: file, part: person");
        return new CsvDevices.OneDevice("device");
    }

    /// <summary>One topic level may be the device.</summary>
    internal static string TopicOf(ConfigEntry entry)
    {
        var topic = entry.Text().Required();
        if (topic.Length > 0 && (topic.Contains('#', StringComparison.Ordinal) || topic.Split('/').Count(static l => l == "+") > 1))
        {
            entry.Refuse($"expected a topic with at most one level '+', the device, got '{topic}'");
        }

        return topic;
    }

    private static ServerConfig Server(ConfigMap map, params ImmutableArray<string> schemes)
    {
        var url = LinkConfig.UrlOf(map["url"], schemes);
        var topic = TopicOf(map["topic"]);
        var isAny = map["devices"].IsText;
        if (isAny) { map["devices"].Word("any").Required(); }
        var devices = isAny ? [] : map["devices"].List(LinkConfig.DeviceNameOf, 1, 1000).Required();
        if (devices.Distinct().Count() < devices.Length) { map["devices"].Refuse("expected each device once"); }
        if ((isAny || devices.Length > 1) && !topic.Split('/').Contains("+"))
        {
            map["topic"].Refuse("expected a level '+' for the names of several devices, such as plant/+/rows");
        }

        var takesRetained = schemes.Contains("mqtt") && map["retained"].Word(("skip", false), ("take", true)).Or(false);
        var atMost = map["at_most"].Whole(1, 1000).OrNull();
        if (isAny && atMost is null) { map["devices"].Refuse("expected a limit with devices: any, such as at_most: 8"); }
        if (!isAny && atMost is not null) { map["at_most"].Refuse("expected devices: any with it"); }
        return new(url, map["login"].SecretFile().OrNull() is { } login ? new(login.Path) : null, topic, devices,
            PayloadReading.OfMessages(map), map["rate"].Rate(1e-6, 1e6).OrNull())
        {
            AtMost = isAny ? (int?)atMost ?? 1 : null,
            TakesRetained = takesRetained,
        };
    }

    private static LinesConfig Command(ConfigMap map) => Lines(map, LineOrigin.Command(
        map["run"].List(static e => e.Text().Required(), 1, 1000).Required() is { IsEmpty: false } run ? run : ["command"]));

    private static LinesConfig Serial(ConfigMap map)
    {
        var baud = (int)map["baud"].Whole(1, 10_000_000).Or(115_200);
        if (!LineOrigin.Speeds.Contains(baud)) { map["baud"].Refuse($"expected one of {string.Join(", ", LineOrigin.Speeds)}"); }
        return Lines(map, LineOrigin.Serial(map["port"].Text().Required(), baud));
    }

    private static LinesConfig Lines(ConfigMap map, LineOrigin origin) => new(
        LinkConfig.DeviceNameOf(map["device"]), origin, PayloadReading.OfLines(map, header: !origin.BeginsInside),
        map["rate"].Rate(1e-6, 1e6).OrNull());

    private static HostConfig Host(ConfigMap map) => new(
        LinkConfig.DeviceNameOf(map["device"]),
        map["every"].Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)).Or(TimeSpan.FromSeconds(1)));

    private static ImmutableArray<int> Numbers(ConfigEntry entry, int least, int most)
    {
        var numbers = entry.List(e => (int)e.Whole(least, most).Required(), 1, 1000).Required();
        if (numbers.Distinct().Count() < numbers.Length) { entry.Refuse("expected each number once"); }
        return numbers;
    }

    private static double SpeedOf(ConfigEntry entry)
    {
        var speed = entry.Number(0, 1e6).Or(1);
        return speed == 0 ? double.PositiveInfinity : speed;
    }
}
