using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>What a device keeps of the rows that it has seen: a buffer to draw from, and the moments of its channels.
/// <paramref name="scaleRows"/>: rows that count in its own moments at most.</summary>
internal sealed class SeenRows(ModelPlan plan, TrainOptions options, OperatorContext context, long scaleRows = long.MaxValue)
{
    private readonly RunningMoments _sinceUpdate = new(plan.Input);
    private readonly GlitchClip _clip = new(plan.Input);

    /// <summary>What steps draw from.</summary>
    internal ReplayBuffer Buffer { get; } =
        new(options.BufferRows, plan.Input.Size, Math.Max(1, plan.Classes), options.Buffer, plan.Target == TargetKind.Value);

    /// <summary>Moments of all rows that came before a model knew the fleet's.</summary>
    internal RunningMoments Own { get; } = new(plan.Input, Math.Min(scaleRows, long.MaxValue / plan.Input.Samples) * plan.Input.Samples);

    internal void State(ref StateStream s)
    {
        Buffer.State(ref s);
        Own.State(ref s);
        _sinceUpdate.State(ref s);
        _clip.State(ref s);
    }

    /// <summary>Takes a row in, with values cut back that are far beyond all that their channel has shown.</summary>
    /// <returns>The row as it counts in the moments, valid until the next one.</returns>
    internal ReadOnlySpan<float> Add(ReadOnlySpan<float> row, int label, float target, bool isScaleKnown)
    {
        var counts = _clip.Take(row, out var kept);
        if (_clip.Clipped > 0) { context.Record("clipped-values", _clip.Clipped); }
        if (_clip.HasJudged)
        {
            Restart(Own);
            Restart(_sinceUpdate);
            counts = _clip.First(_clip.FirstRows - 1);
        }

        if (!isScaleKnown) { Own.Add(counts); }
        _sinceUpdate.Add(counts);
        Buffer.Add(kept, label, context.Random, target);
        return counts;
    }

    /// <summary>The moments of the rows since they were last taken.</summary>
    internal ChannelMoments? TakeMoments() => _sinceUpdate.Take();

    /// <summary>Has moments count the rows before this one as they have been judged, if they are of all of these.</summary>
    private void Restart(RunningMoments moments)
    {
        if (moments.Count != (_clip.FirstRows - 1L) * plan.Input.Samples) { return; }
        moments.Clear();
        for (var row = 0; row < _clip.FirstRows - 1; row++) { moments.Add(_clip.First(row)); }
    }
}
