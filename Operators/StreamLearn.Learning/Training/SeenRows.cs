namespace StreamLearn.Learning;

/// <summary>A replay buffer and channel moments of the rows seen. <paramref name="scaleRows"/>: maximum rows in each memory.</summary>
internal sealed class SeenRows(ModelPlan plan, TrainOptions options, OperatorContext context, params ReadOnlySpan<long> scaleRows)
{
    private const int MaxSpared = 1024;     // rows whose moments wait at most

    private readonly RunningMoments _sinceUpdate = new(plan.Input);
    private readonly GlitchClip _clip = new(plan.Input);

    internal ReplayBuffer Buffer { get; } =
        new(options.BufferRows, plan.Input.Size, Math.Max(1, plan.Classes), options.Buffer, plan.Target == TargetKind.Value);

    /// <summary>True if the rows since the last moments are as many as those before, or many.</summary>
    internal bool AreMomentsDue => _sinceUpdate.Count / plan.Input.Samples is var rows && (rows >= MaxSpared || 2 * rows >= Buffer.Seen);

    /// <summary>The moments per memory, used until a model has those of the fleet.</summary>
    internal RunningMoments[] Own { get; } = Moments(plan.Input, scaleRows);

    internal void State(ref StateStream s) => State(ref s, Own.Length);

    /// <summary><paramref name="memories"/>: number of memories in the state; the others start from the first.</summary>
    internal void State(ref StateStream s, int memories)
    {
        Buffer.State(ref s);
        foreach (var own in Own.AsSpan(0, memories)) { own.State(ref s); }
        foreach (var own in Own.AsSpan(memories)) { own.StartFrom(Own[0]); }
        _sinceUpdate.State(ref s);
        _clip.State(ref s);
    }

    internal ReadOnlySpan<float> Add(ReadOnlySpan<float> row, int label, float target, bool isScaleKnown)
    {
        var counts = _clip.Take(row, out var kept);
        if (_clip.Clipped > 0) { context.Record("clipped-values", _clip.Clipped); }
        if (_clip.HasJudged)
        {
            foreach (var own in Own) { Restart(own); }
            Restart(_sinceUpdate);
            counts = _clip.First(_clip.FirstRows - 1);
        }

        if (!isScaleKnown)
        {
            foreach (var own in Own) { own.Add(counts); }
        }

        _sinceUpdate.Add(counts);
        Buffer.Add(kept, label, context.Random, target);
        return counts;
    }

    internal ChannelMoments? TakeMoments() => _sinceUpdate.Take();

    private static RunningMoments[] Moments(Shape input, ReadOnlySpan<long> scaleRows)
    {
        var moments = new RunningMoments[scaleRows.Length];
        for (var m = 0; m < moments.Length; m++)
        {
            moments[m] = new(input, Math.Min(scaleRows[m], long.MaxValue / input.Samples) * input.Samples);
        }

        return moments;
    }

    /// <summary>Counts the rows before this one again, as checked for glitches.</summary>
    private void Restart(RunningMoments moments)
    {
        if (moments.Count != (_clip.FirstRows - 1L) * plan.Input.Samples) { return; }
        moments.Clear();
        for (var row = 0; row < _clip.FirstRows - 1; row++) { moments.Add(_clip.First(row)); }
    }
}
