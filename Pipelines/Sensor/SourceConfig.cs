using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Formats;

namespace Sensor;

/// <summary>Where the rows of the devices come from.</summary>
internal abstract record SourceConfig
{
    /// <summary>How many times faster than it was recorded a stream is played; infinite: as fast as it is taken.</summary>
    internal double Speed { get; init; } = 1;

    /// <summary>True for somebody's own data, which has columns of its own.</summary>
    internal virtual bool HasColumns => true;

    /// <summary>Rows a second of somebody's own data; null: only the times say it.</summary>
    internal virtual double? RowsPerSecond => null;

    /// <summary>True where rows come as they are measured, so that their silence means something.</summary>
    internal virtual bool IsLive => false;

    /// <summary>True if its rows end, so that they can be counted before.</summary>
    internal virtual bool Ends => false;

    /// <summary>True of a block with which every device reads the rows of all: each counts what cannot be read.</summary>
    internal virtual bool ReadsForAll(string block) => false;

    /// <summary>True of a block in which a device leaves batches of other devices aside.</summary>
    internal virtual bool LeavesOthersAside(string block) => false;
}

/// <summary>Recordings in the layout of the UCI HAR raw files; each person is a device.</summary>
internal sealed record RecordingsConfig(DirectoryInfo Folder, ImmutableArray<int> People) : SourceConfig
{
    internal override bool Ends => true;

    internal override bool HasColumns => false;
}

/// <summary>Streams that are generated; each user is a device.</summary>
internal sealed record GeneratorConfig(ImmutableArray<int> Users, TimeSpan Length, long Seed) : SourceConfig
{
    internal override bool Ends => true;

    internal override bool HasColumns => false;
}

/// <summary>Files of comma-separated values. <paramref name="Rate"/>: rows a second; null: only the times say it.
/// <paramref name="Follow"/>: how often to look at the end of a file that grows; null: it does not.</summary>
internal sealed record CsvConfig(string Files, CsvOptions Form, CsvDevices Devices, double? Rate, TimeSpan? Follow) : SourceConfig
{
    internal override double? RowsPerSecond => Rate;

    internal override bool IsLive => Follow is not null;

    internal override bool Ends => Follow is null;

    internal override bool ReadsForAll(string block) =>
        Devices is CsvDevices.OfColumn && block.StartsWith("csv ", StringComparison.Ordinal);

    internal override bool LeavesOthersAside(string block) =>
        Devices is CsvDevices.OfColumn && block.EndsWith(RowSelection.OwnRows, StringComparison.Ordinal);
}

/// <summary>Rows that come as bytes while they are measured. <paramref name="Form"/>: how bytes become rows. <paramref name="Rate"/>: rows
/// a second; null: only the times say it.</summary>
internal abstract record LiveConfig(PayloadForm Form, double? Rate) : SourceConfig
{
    internal override double? RowsPerSecond => Rate;

    internal override bool IsLive => true;
}

/// <summary>Messages of an MQTT or NATS server.</summary>
internal sealed record ServerConfig(
    Uri Url, FileInfo? Login, string Topic, ImmutableArray<string> Devices, PayloadForm Form, double? Rate) : LiveConfig(Form, Rate)
{
    /// <summary>Devices that are found by their topic, at most; null: they are listed.</summary>
    internal int? AtMost { get; init; }

    /// <summary>True: what the server has retained is a row of now. False: it is left out, and counted as <c>retained</c>.</summary>
    internal bool TakesRetained { get; init; }

    /// <summary>Says that messages which the server had retained are left out. <paramref name="retained"/>: how many.</summary>
    internal static string LeftOut(long retained) => FormattableString.Invariant(
        $"messages left out as retained: {retained}; 'retained: take' under source.mqtt takes them");

    /// <summary>True if what a device publishes comes back as rows. <paramref name="topic"/>: with <c>{device}</c>, or without.</summary>
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
            return false;       // no topics; that was refused where they are read
        }
    }

    /// <summary>The topic of a device.</summary>
    internal string TopicOf(string device) =>
        string.Join('/', Topic.Split('/').Select(level => level == "+" ? device : level));
}

/// <summary>Lines of a program or of a serial port, all of one device.</summary>
internal sealed record LinesConfig(string Device, LineOrigin Origin, PayloadForm Form, double? Rate) : LiveConfig(Form, Rate);

/// <summary>The machine on which the program runs.</summary>
internal sealed record HostConfig(string Device, TimeSpan Every) : SourceConfig
{
    internal override bool IsLive => true;

    internal override double? RowsPerSecond => 1 / Every.TotalSeconds;
}

/// <summary>Whose rows those of files are.</summary>
internal abstract record CsvDevices
{
    /// <summary>All are those of one device.</summary>
    internal sealed record OneDevice(string Name) : CsvDevices;

    /// <summary>A column says it.</summary>
    internal sealed record OfColumn(string Column, ImmutableArray<string> Values) : CsvDevices;

    /// <summary>Each file is a device.</summary>
    internal sealed record OfFile : CsvDevices;

    /// <summary>A part of the files' names says it.</summary>
    internal sealed record OfPart(string Part) : CsvDevices;
}
