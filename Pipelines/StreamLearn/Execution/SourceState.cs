namespace StreamLearn;

/// <summary>How far a local source has come.</summary>
internal static class SourceState
{
    internal const string Format = "source/1";

    /// <summary>How far a source has come. When it is read, a source resumes there; one that cannot restarts, and that is
    /// counted.</summary>
    internal static long State(
        ref StateStream s, long made, Source source, OperatorContext context, BlockMetrics metrics, DateTimeOffset now)
    {
        made = s.Value(made);
        if (made < 0) { throw new StateException($"expected a number of messages, got {made}"); }
        context.State(ref s, now);
        if (s.IsWriting) { return made; }
        if (source is ISeekable seekable and not IStateful) { seekable.Seek(made); }
        else if (source is not IStateful) { BeginAnew(made, metrics); }
        return made;
    }

    /// <summary>Counts a source that had made messages and cannot go on after them.</summary>
    internal static void BeginAnew(long made, BlockMetrics metrics)
    {
        if (made > 0) { metrics.Add("began-anew", 1); }
    }
}
