using System.Collections.Immutable;
using StreamLearn.Configuration;
using StreamLearn.Fleets;

namespace Sensor;

/// <summary>Where the rows of the devices come from.</summary>
internal abstract record SourceConfig
{
    /// <summary>How many times faster than it was recorded a stream is played; infinite: as fast as it is taken.</summary>
    internal double Speed { get; init; } = 1;
}

/// <summary>Recordings in the layout of the UCI HAR raw files; each person is a device.</summary>
internal sealed record RecordingsConfig(DirectoryInfo Folder, ImmutableArray<int> People) : SourceConfig;

/// <summary>Streams that are generated; each user is a device.</summary>
internal sealed record GeneratorConfig(ImmutableArray<int> Users, TimeSpan Length, long Seed) : SourceConfig;

/// <summary>A step of the pipeline.</summary>
internal abstract record StepConfig;

/// <summary>How rows become windows.</summary>
internal sealed record WindowConfig(int Samples, int Hop) : StepConfig;

/// <summary>Which rows are kept out of learning.</summary>
internal sealed record CheckConfig(TimeSpan Stuck) : StepConfig;

/// <summary>How a device learns.</summary>
internal sealed record LearnConfig(double Rate, double Momentum, double ClipNorm, int Batch, int Buffer) : StepConfig;

/// <summary>How a device and its aggregator keep pace.</summary>
internal sealed record ExchangeConfig(int StepsPerUpdate, int UpdatesUnderWay, TimeSpan? Heartbeat, bool Barrier);

/// <summary>The configuration of a sensor program.</summary>
internal sealed record SensorConfig(
    LinkConfig Link, SourceConfig Source, CheckConfig Check, WindowConfig Window, LearnConfig Learn, ExchangeConfig Exchange)
{
    /// <summary>Reads it.</summary>
    internal static SensorConfig Read(ConfigMap map)
    {
        var link = LinkConfig.Read(map);
        var source = map["source"].OneOf<SourceConfig>(("recordings", Recordings), ("generator", Generator)).Required();
        var steps = map["pipeline"].List(static e => e.OneOf<StepConfig>(("check", CheckOf), ("window", WindowOf), ("learn", LearnOf))
            .Required(), 3, 3).Required();
        if (steps is not [CheckConfig check, WindowConfig window, LearnConfig learn])
        {
            if (steps.Length == 3) { map["pipeline"].Refuse("expected check, window and learn, in this order"); }
            (check, window, learn) = (new(default), new(128, 64), new(0, 0, 1, 1, 1));
        }

        var exchange = map.Section("exchange", static m => new ExchangeConfig(
            (int)m["steps_per_update"].Whole(1, 100_000).Or(4), (int)m["updates_under_way"].Whole(1, 64).Or(2),
            m["heartbeat"].Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)).Or(TimeSpan.FromSeconds(2)),
            m["mode"].Word(("async", false), ("barrier", true)).Or(false)));
        return new(link, source, check, window, learn, exchange);
    }

    private static CheckConfig CheckOf(ConfigMap map) =>
        new(map["stuck"].Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(24)).Or(TimeSpan.FromSeconds(5)));

    private static WindowConfig WindowOf(ConfigMap map) =>
        new((int)map["samples"].Whole(8, 65_536).Or(128), (int)map["hop"].Whole(1, 65_536).Or(64));

    private static LearnConfig LearnOf(ConfigMap map) => new(
        map["rate"].Number(1e-9, 100).Or(0.05), map["momentum"].Number(0, 0.9999).Or(0.9), map["clip"].Number(1e-6, 1e9).Or(2),
        (int)map["batch"].Whole(1, 4096).Or(16), (int)map["buffer"].Whole(1, 1_000_000).Or(128));

    private static RecordingsConfig Recordings(ConfigMap map) =>
        new(new(map["folder"].Text().Required()), Numbers(map["people"], 1, 9999)) { Speed = SpeedOf(map["speed"]) };

    private static GeneratorConfig Generator(ConfigMap map) => new(
        Numbers(map["users"], 1, 9999),
        map["length"].Duration(TimeSpan.FromSeconds(10), TimeSpan.FromDays(30)).Or(TimeSpan.FromMinutes(40)),
        map["seed"].Whole().Or(42))
    {
        Speed = SpeedOf(map["speed"]),
    };

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
