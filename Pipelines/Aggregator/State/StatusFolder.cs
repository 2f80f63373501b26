using StreamLearn.Programs;

namespace Aggregator;

/// <summary>The files by which other programs see how a running aggregator stands.</summary>
internal sealed class StatusFolder(DirectoryInfo folder)
{
    /// <summary>The status, replaced as a whole about each second.</summary>
    internal string Status => Path.Join(folder.FullName, "status.json");

    /// <summary>The newest updates, a line each.</summary>
    internal string Updates => Path.Join(folder.FullName, "updates.jsonl");

    /// <summary>Those before them.</summary>
    internal string OlderUpdates => Path.Join(folder.FullName, "updates.old.jsonl");

    /// <summary>Replaces the status: a reader finds the one before or this one, and never a part.</summary>
    internal void Write(FleetStatus status)
    {
        StatusFile.Replace(Status, [.. StatusJson.Of(status).Span, (byte)'\n']);
    }
}
