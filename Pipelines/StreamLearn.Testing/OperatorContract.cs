namespace StreamLearn.Testing;

/// <summary>Checks that an operator meets the contract of all operators.</summary>
/// <remarks> Equal calls give outputs with equal bits. Each batch is emitted, dropped, kept or disposed exactly once; kept ones are
/// released when the run ends or is aborted. A call emits at most the declared messages (<see cref="IBlockOptions.MaxOutputsPerCall"/>).
/// Shared batches are not modified. A new instance restored (<see cref="IStateful"/>) after any call gives the same outputs; unsaved state
/// is declared (<see cref="IBlockOptions.State"/>). Row counts may change. </remarks>
public static class OperatorContract
{
    private const int MaxWakeUps = 1000;

    /// <summary>Sends the same messages through new operators four times: alone, as one of two branches, ended half way, and restarted
    /// after each call.</summary>
    /// <param name="make">Makes a new probe of the operator.</param>
    /// <param name="messages">Makes the messages of a run, at least one; rent batches from the given pool.</param>
    /// <param name="step">How far the clock advances after each message; default 0. If the block is not ready, the message waits for its
    /// next wake-up.</param>
    /// <param name="same">Compares messages other than batches; default <see cref="object.Equals(object, object)"/>.</param>
    /// <exception cref="OperatorContractException">The operator breaks the contract.</exception>
    /// <exception cref="ArgumentException">There are no messages.</exception>
    public static void Check(
        Func<OperatorProbe> make, Func<BatchPool, IEnumerable<object>> messages, TimeSpan step = default,
        Func<object, object, bool>? same = null)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.Zero);

        var alone = Run(make, probe => SendAll(probe, All(probe), step));
        var branched = Run(make, probe => SendToBranch(probe, All(probe), step));
        Compare(alone, branched, same ?? Equals, "alone", "with another branch");
        Run(make, probe => SendHalf(probe, All(probe), step));
        CompareRestarted(alone, make, probe => SendAll(probe, All(probe), step), same ?? Equals);

        List<object> All(OperatorProbe probe)
        {
            List<object> all = [.. messages(probe.Pool)];
            return all.Count > 0 ? all : throw new ArgumentException("expected at least one message", nameof(messages));
        }
    }

    /// <summary>Runs a script three times with new operators, the last one restarted after each call, and compares all outputs.</summary>
    /// <param name="make">Makes a new probe of the operator.</param>
    /// <param name="script">Sends, advances, controls and expects; must not dispose the probe or keep messages.</param>
    /// <param name="same">Compares messages other than batches; default <see cref="object.Equals(object, object)"/>.</param>
    /// <exception cref="OperatorContractException">The operator breaks the contract.</exception>
    public static void CheckScript(Func<OperatorProbe> make, Action<OperatorProbe> script, Func<object, object, bool>? same = null)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(script);

        var first = Run(make, script);
        Compare(first, Run(make, script), same ?? Equals, "in the first run", "in the second");
        CompareRestarted(first, make, script, same ?? Equals);
    }

    /// <summary>Skipped for declared unsaved state, since such runs keep no checkpoints.</summary>
    private static void CompareRestarted(
        Record whole, Func<OperatorProbe> make, Action<OperatorProbe> script, Func<object, object, bool> same)
    {
        using (var probe = make())
        {
            if (probe.Unsaved is not null) { return; }
        }

        try
        {
            var restarted = Run(make, probe =>
            {
                probe.Restarts = true;
                script(probe);
            });
            Compare(whole, restarted, same, "in one go", "restarted after each call");
        }
        catch (Exception e)
        {
            throw new OperatorContractException(
                $"block '{whole.Block}' gives other results after a restart: {e.Message}. Save the state that it keeps across calls "
                    + "(IStateful), or declare it (IBlockOptions.State), so that no run loses it silently", e);
        }
    }

    private static Record Run(Func<OperatorProbe> make, Action<OperatorProbe> script)
    {
        var probe = make();
        var record = new Record(probe.Metrics.Block, []);
        var copies = new BatchPool();
        probe.Emitted = (port, item) => record.Outputs.Add(new(port, probe.Now, item is Batch batch ? Copy(batch, copies) : item));
        try { script(probe); }
        catch (BlockFailedException e)
        {
            throw new OperatorContractException($"block '{e.Block}', call {e.Item}: {e.InnerException?.Message}", e);
        }

        try { probe.Dispose(); }
        catch (InvalidOperationException e) { throw new OperatorContractException(e.Message, e); }

        return record;
    }

    private static void SendAll(OperatorProbe probe, List<object> messages, TimeSpan step)
    {
        foreach (var message in messages) { Send(probe, message, step); }
        probe.Complete();
        probe.Clear();
    }

    private static void SendHalf(OperatorProbe probe, List<object> messages, TimeSpan step)
    {
        var half = (messages.Count + 1) / 2;
        foreach (var message in messages[..half]) { Send(probe, message, step); }
        foreach (var message in messages[half..]) { (message as IDisposable)?.Dispose(); }
    }

    /// <summary>Holds a second handle on each batch and checks for writes.</summary>
    private static void SendToBranch(OperatorProbe probe, List<object> messages, TimeSpan step)
    {
        var copies = new BatchPool();
        var others = messages.Select(m => m is Batch batch ? (Other: batch.Retain(), Before: Copy(batch, copies)) : default).ToList();
        SendAll(probe, messages, step);
        for (var i = 0; i < others.Count; i++)
        {
            if (others[i].Other is not { } other) { continue; }
            if (Batches.Difference(others[i].Before, other) is { } difference)
            {
                throw new OperatorContractException(
                    $"block '{probe.Metrics.Block}' wrote to message {i + 1}, which is shared with another block ({difference}): write "
                        + "to the result of ToWritable");
            }

            other.Dispose();
        }
    }

    private static void Send(OperatorProbe probe, object message, TimeSpan step)
    {
        for (var wakeUps = 0; !probe.Ready; wakeUps++)
        {
            var next = wakeUps < MaxWakeUps ? probe.WakeAt : null;
            var wake = next ?? throw new OperatorContractException(
                $"block '{probe.Metrics.Block}' is closed to data and no wake-up opens it: open it in a script ({nameof(CheckScript)})");
            probe.Advance(wake > probe.Now ? wake - probe.Now : TimeSpan.Zero);
        }

        probe.Send(message);
        probe.Clear();          // overwrites emitted memory at once, to detect blocks that read it later
        probe.Advance(step);
        probe.Clear();
    }

    private static Batch Copy(Batch batch, BatchPool pool)
    {
        var copy = pool.Rent(batch.Schema, batch.Rows);
        copy.CopyFrom(0, batch, 0, batch.Rows);
        return copy;
    }

    private static void Compare(Record first, Record second, Func<object, object, bool> same, string whenFirst, string whenSecond)
    {
        if (first.Outputs.Count != second.Outputs.Count)
        {
            throw Differ($"{first.Outputs.Count} messages {whenFirst}, {second.Outputs.Count} {whenSecond}");
        }

        for (var i = 0; i < first.Outputs.Count; i++)
        {
            if (Difference(first.Outputs[i], second.Outputs[i], same) is { } difference)
            {
                throw Differ($"message {i + 1}, {whenFirst} | {whenSecond}: {difference}");
            }
        }

        OperatorContractException Differ(string how) => new($"block '{first.Block}' emits other messages for the same calls: {how}");
    }

    private static string? Difference(Emitted first, Emitted second, Func<object, object, bool> same)
    {
        if (first.Port != second.Port) { return $"port {first.Port} | {second.Port}"; }
        if (first.At != second.At) { return $"at {first.At:O} | {second.At:O}"; }
        if (first.Item is Batch a && second.Item is Batch b) { return Batches.Difference(a, b); }
        return same(first.Item, second.Item) ? null : $"{first.Item} | {second.Item}";
    }

    /// <summary>Outputs of one run; batches are copies.</summary>
    private sealed record Record(string Block, List<Emitted> Outputs);

    private sealed record Emitted(int Port, DateTimeOffset At, object Item);
}
