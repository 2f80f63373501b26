namespace StreamLearn.Programs;

internal sealed record LaterLabels(ImmutableArray<string> Classes)
{
    /// <summary>Folder of held windows; default null: they are in memory and lost at a restart.</summary>
    public string? Folder { get; init; }

    /// <summary>Maximum bytes of held windows; the oldest are dropped first. Default 64 MiB.</summary>
    public long MaxBytes { get; init; } = 64L << 20;

    /// <summary>Maximum time that a window waits. Default 7 days.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Time from a window's first to its last row, if a window is a single row of features; default zero.</summary>
    public TimeSpan Span { get; init; }

    public Action<string, string> OnRefused { get; init; } = static (_, _) => { };

    /// <summary>Called with a sentence if held windows are gone at a restart; default: nothing.</summary>
    public Action<string> OnGone { get; init; } = static _ => { };

    internal ISegmentFiles? Files { get; init; }

    internal ISegmentFiles Open() => Files ?? (Folder is null ? new MemorySegments() : new FolderSegments(Folder));

    public bool Equals(LaterLabels? other) => other is not null && Classes.AsSpan().SequenceEqual(other.Classes.AsSpan())
        && (Folder, MaxBytes, MaxWait, Span) == (other.Folder, other.MaxBytes, other.MaxWait, other.Span);

    public override int GetHashCode() => HashCode.Combine(Classes.Length, Folder, MaxBytes, MaxWait);

    public override string ToString() => $"{string.Join(", ", Classes)}: {MaxBytes} bytes, {MaxWait.TotalHours} h at most";
}
