namespace StreamLearn.Simulation;

/// <summary>The parts of a saved world, each of which is to be read once.</summary>
/// <param name="from">The world.</param>
/// <param name="pool">Where batches are rented.</param>
internal sealed class WorldParts(Checkpoint from, BatchPool pool)
{
    private readonly HashSet<string> _read = [Checkpoint.RunPart];

    /// <summary>Reads a part.</summary>
    /// <exception cref="StateException">It is missing, of another form, or does not fit.</exception>
    internal void Read(string name, string format, LoadingPart load)
    {
        if (from[name] is not { } part) { throw new StateException($"the saved world has no '{name}'"); }
        if (part.Format != format) { throw new StateException($"'{name}' is of the form {part.Format}, expected {format}"); }
        _read.Add(name);
        try
        {
            var reader = new StateReader(part.Content.Span, pool);
            load(ref reader);
            if (!reader.HasEnded) { throw new StateException($"{reader.Left} more bytes than expected"); }
        }
        catch (StateException e)
        {
            throw new StateException($"'{name}': {e.Message}");
        }
    }

    /// <exception cref="StateException">A part was not read: it is of something that the world does not have.</exception>
    internal void RequireAllRead()
    {
        if (from.Parts.FirstOrDefault(p => !_read.Contains(p.Name)) is not { } left) { return; }
        throw new StateException($"'{left.Name}' of the saved world is not in this one");
    }
}

/// <summary>Takes a part up.</summary>
internal delegate void LoadingPart(ref StateReader reader);
