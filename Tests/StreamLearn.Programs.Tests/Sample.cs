using System.Collections.Immutable;

namespace StreamLearn.Programs.Tests;

/// <summary>A file with everything in it, and a schema as a program writes it.</summary>
internal static class Sample
{
    internal const string Name = "sensor.yaml";

    internal const string Text = """
        # a pump
        name: pump-7
        source:
          mqtt:
            topic: "plant/7/#"
            password_file: /run/secrets/mqtt
            keep_alive: 10m
        interval: 500ms
        rate: 4000/s
        buffer: 64KiB
        window: 256
        fraction: 0.25
        learn: true
        columns:
          - name: x
            unit: m/s2
          - {name: "y", unit: 'm/s2'}
        labels: [walking, sitting]
        note: |
          two
          lines
        """;

    internal static ConfigReading<SensorSettings> Read(string text, params string[] overrides) =>
        ConfigTree.Parse(Name, text, overrides).Read(SensorSettings.Read);

    internal static string ProblemsOf(Action action) => Assert.Throws<ConfigurationException>(action).Message;
}

internal sealed record SensorSettings(
    string Name, SourceSettings Source, TimeSpan Interval, double Rate, long Buffer, long Window, double Fraction, bool Learn,
    Speed Speed, ImmutableArray<ColumnSettings> Columns, ImmutableArray<string> Labels, string? Note, long? Seed, RetrySettings Retry)
{
    internal static SensorSettings Read(ConfigMap map) => new(
        map["name"].Text().Required(),
        map["source"].OneOf<SourceSettings>(("mqtt", MqttSettings.Read), ("csv", CsvSettings.Read)).Required(),
        map["interval"].Duration(min: TimeSpan.FromMilliseconds(1), max: TimeSpan.FromHours(1)).Or(TimeSpan.FromSeconds(1)),
        map["rate"].Rate().Or(50),
        map["buffer"].Size(min: 1024).Or(8 << 20),
        map["window"].Whole(1, 65_536).Or(128),
        map["fraction"].Number(0, 1).Or(1),
        map["learn"].Boolean().Or(false),
        map["speed"].Word(("original", Speed.Original), ("fast", Speed.Fast)).Or(Speed.Original),
        map["columns"].List(c => c.Map(ColumnSettings.Read).Required(), max: 16).Or([]),
        map["labels"].List(l => l.Text().Required()).Or([]),
        map["note"].Text().OrNull(),
        map["seed"].Whole().OrNull(),
        map.Section("retry", RetrySettings.Read));
}

internal enum Speed
{
    Original,
    Fast,
}

internal abstract record SourceSettings;

internal sealed record MqttSettings(string Topic, SecretFile? Password, TimeSpan KeepAlive) : SourceSettings
{
    internal static MqttSettings Read(ConfigMap map) => new(
        map["topic"].Text().Required(), map["password_file"].SecretFile().OrNull(),
        map["keep_alive"].Duration().Or(TimeSpan.FromMinutes(1)));
}

internal sealed record CsvSettings(string Files) : SourceSettings
{
    internal static CsvSettings Read(ConfigMap map) => new(map["files"].Text().Or("*.csv"));
}

internal sealed record ColumnSettings(string Name, string Unit)
{
    internal static ColumnSettings Read(ConfigMap map) => new(map["name"].Text().Required(), map["unit"].Text().Or("1"));
}

internal sealed record RetrySettings(long Times, TimeSpan Wait)
{
    internal static RetrySettings Read(ConfigMap map) => new(
        map["times"].Whole(0).Or(3), map["wait"].Duration().Or(TimeSpan.FromSeconds(2)));
}
