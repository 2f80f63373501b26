namespace StreamLearn;

/// <summary>How far a local source has come.</summary>
internal static class SourceState
{
    internal const string Format = "source/1";

    internal static void Save(StateWriter writer, long made, OperatorContext context, DateTimeOffset now)
    {
        writer.Write(made);
        context.Save(writer, now);
    }

    /// <summary>Lets a source go on where it was, if it can; one that cannot begins with what there is, and is counted.</summary>
    /// <returns>Messages made before.</returns>
    internal static long Load(
        ref StateReader reader, Source source, OperatorContext context, BlockMetrics metrics, DateTimeOffset now)
    {
        var made = reader.ReadInt64();
        if (made < 0) { throw new StateException($"expected a number of messages, got {made}"); }
        context.Load(ref reader, now);
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
