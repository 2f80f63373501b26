using System.Collections.Immutable;

namespace StreamLearn.Programs;

/// <summary>How windows wait for labels that come later.</summary>
/// <param name="Classes">The names of the model's classes, in its order.</param>
public sealed record LaterLabels(ImmutableArray<string> Classes)
{
    /// <summary>Where windows wait; null, the default: in memory, and a restart finds none.</summary>
    public string? Folder { get; init; }

    /// <summary>Bytes of windows that wait, at most: the oldest make way. Default 64 MiB.</summary>
    public long MaxBytes { get; init; } = 64L << 20;

    /// <summary>How long a window waits at most. Default 7 days.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromDays(7);

    /// <summary>From the first row of a window to its last, where a window comes as one row of features; default zero.</summary>
    public TimeSpan Span { get; init; }

    /// <summary>Called with a word and a sentence for each label that is refused; default: nothing.</summary>
    public Action<string, string> OnRefused { get; init; } = static (_, _) => { };

    /// <summary>The files, where a test brings its own.</summary>
    internal ISegmentFiles? Files { get; init; }

    internal ISegmentFiles Open() => Files ?? (Folder is null ? new MemorySegments() : new FolderSegments(Folder));

    /// <inheritdoc />
    public bool Equals(LaterLabels? other) => other is not null && Classes.AsSpan().SequenceEqual(other.Classes.AsSpan())
        && (Folder, MaxBytes, MaxWait, Span) == (other.Folder, other.MaxBytes, other.MaxWait, other.Span);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Classes.Length, Folder, MaxBytes, MaxWait);

    /// <inheritdoc />
    public override string ToString() => $"{string.Join(", ", Classes)}: {MaxBytes} bytes, {MaxWait.TotalHours} h at most";
}
