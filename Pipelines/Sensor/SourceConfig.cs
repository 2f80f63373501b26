using System.Collections.Immutable;

namespace Sensor;

internal abstract record SourceConfig
{
    /// <summary>Playback speed relative to the recording; infinite for no delay.</summary>
    internal double Speed { get; init; } = 1;

    internal virtual bool HasColumns => true;

    internal virtual double? RowsPerSecond => null;

    /// <summary>The same, with the rate derived from row times.</summary>
    internal virtual SourceConfig AtAnyRate() => this;

    /// <summary>True for live rows, for which silence is notable.</summary>
    internal virtual bool IsLive => false;

    /// <summary>True for finite rows, which can be counted beforehand.</summary>
    internal virtual bool Ends => false;

    /// <summary>Returns true for a block in which each device reads the rows of all devices and counts all read errors.</summary>
    internal virtual bool ReadsForAll(string block) => false;

    internal virtual bool LeavesOthersAside(string block) => false;
}

/// <summary>Recordings in the UCI HAR raw layout; each person is a device.</summary>
internal sealed record RecordingsConfig(DirectoryInfo Folder, ImmutableArray<int> People) : SourceConfig
{
    internal override bool Ends => true;

    internal override bool HasColumns => false;
}

internal sealed record GeneratorConfig(ImmutableArray<int> Users, TimeSpan Length, long Seed) : SourceConfig
{
    internal override bool Ends => true;

    internal override bool HasColumns => false;
}

/// <summary><paramref name="Rate"/>: null: derived from the times. <paramref name="Follow"/>: poll interval of a growing file; null if it
/// does not grow.</summary>
internal sealed record CsvConfig(string Files, CsvOptions Form, CsvDevices Devices, double? Rate, TimeSpan? Follow) : SourceConfig
{
    internal override double? RowsPerSecond => Rate;

    internal override CsvConfig AtAnyRate() => this with { Rate = null };

    internal override bool IsLive => Follow is not null;

    internal override bool Ends => Follow is null;

    internal override bool ReadsForAll(string block) =>
        Devices is CsvDevices.OfColumn && block.StartsWith("csv ", StringComparison.Ordinal);

    internal override bool LeavesOthersAside(string block) =>
        Devices is CsvDevices.OfColumn && block.EndsWith(RowSelection.OwnRows, StringComparison.Ordinal);
}

/// <summary><paramref name="Rate"/>: rows per second; null: derived from the times.</summary>
internal abstract record LiveConfig(PayloadForm Form, double? Rate) : SourceConfig
{
    internal override double? RowsPerSecond => Rate;

    internal override LiveConfig AtAnyRate() => this with { Rate = null };

    internal override bool IsLive => true;
}

internal sealed record ServerConfig(
    Uri Url, FileInfo? Login, string Topic, ImmutableArray<string> Devices, PayloadForm Form, double? Rate) : LiveConfig(Form, Rate)
{
    internal int? AtMost { get; init; }

    /// <summary>False if retained messages are dropped as <c>retained</c>.</summary>
    internal bool TakesRetained { get; init; }

    internal static string LeftOut(long retained) => FormattableString.Invariant(
        $"retained messages skipped: {retained}; 'retained: take' under source.mqtt reads them");

    /// <summary>Returns true if what a device publishes would return as rows.</summary>
    internal bool Takes(string topic)
    {
        try
        {
            var from = new Topic(Topic);
            return (Devices.IsEmpty ? ["device"] : Devices)
                .Any(d => from.Matches(new(topic.Replace("{device}", d, StringComparison.Ordinal))));
        }
        catch (ArgumentException)
        {
            return false;       // invalid topics were refused when read
        }
    }

    internal string TopicOf(string device) =>
        string.Join('/', Topic.Split('/').Select(level => level == "+" ? device : level));
}

internal sealed record LinesConfig(string Device, LineOrigin Origin, PayloadForm Form, double? Rate) : LiveConfig(Form, Rate);

internal sealed record HostConfig(string Device, TimeSpan Every) : SourceConfig
{
    internal override bool IsLive => true;

    internal override double? RowsPerSecond => 1 / Every.TotalSeconds;
}

internal abstract record CsvDevices
{
    internal sealed record OneDevice(string Name) : CsvDevices;

    internal sealed record OfColumn(string Column, ImmutableArray<string> Values) : CsvDevices;

    internal sealed record OfFile : CsvDevices;

    /// <summary>A part of the file name identifies the device.</summary>
    internal sealed record OfPart(string Part) : CsvDevices;
}
