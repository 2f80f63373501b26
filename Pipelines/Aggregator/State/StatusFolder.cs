namespace Aggregator;

/// <summary>Status files that other programs read.</summary>
internal sealed class StatusFolder(DirectoryInfo folder)
{
    /// <summary>The status file, replaced atomically about once a second.</summary>
    internal string Status => Path.Join(folder.FullName, "status.json");

    internal string Updates => Path.Join(folder.FullName, "updates.jsonl");

    internal string OlderUpdates => Path.Join(folder.FullName, "updates.old.jsonl");

    /// <summary>Replaces the file atomically: readers never see a part of it.</summary>
    internal void Write(FleetStatus status)
    {
        StatusFile.Replace(Status, [.. StatusJson.Of(status).Span, (byte)'\n']);
    }
}
