namespace StreamLearn;

internal static class SourceState
{
    internal const string Format = "source/1";

    /// <summary>A restored source resumes at its position, or restarts and is counted.</summary>
    internal static long State(
        ref StateStream s, long made, Source source, OperatorContext context, BlockMetrics metrics, DateTimeOffset now)
    {
        made = s.Value(made);
        if (made < 0) { throw new StateException($"expected a number of messages, got {made}"); }
        context.State(ref s, now);
        if (s.IsWriting) { return made; }
        if (source is ISeekable seekable and not IStateful) { seekable.Seek(made); }
        else if (source is not IStateful) { Restart(made, metrics); }
        return made;
    }

    /// <summary>Counts a source that cannot resume after the messages that it created.</summary>
    internal static void Restart(long made, BlockMetrics metrics)
    {
        if (made > 0) { metrics.Add("began-anew", 1); }
    }
}
