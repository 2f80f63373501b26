using StreamLearn.Models;

namespace StreamLearn.Programs;

/// <summary>Answers windows with a network: the same bits on a device, in a fleet and from a file.</summary>
/// <param name="model">The network.</param>
/// <param name="leaving">When a window leaves early; null: never.</param>
/// <param name="work">The share of the multiply-adds of a whole pass that windows may take on average, above 0; 1 or more: no bound. A
/// window that finds too little left leaves at the last exit that it can pay for, the first at least.</param>
public sealed class Answerer(Network model, ExitRule? leaving, double work = 1)
{
    private const int Burst = 8;        // windows' earnings that may be saved up

    private readonly ExitRule _leaving = leaving ?? ExitRule.Never(model.ExitCount);
    private readonly Workspace _memory = new();
    private readonly float[] _row = new float[model.Plan.Input.Size];
    private readonly float[] _scores = new float[model.Plan.Outputs];
    private readonly int[] _exit = new int[1];
    private double _left;

    /// <summary>What is saved up of the work, in multiply-adds.</summary>
    internal double Left
    {
        get => _left;
        set => _left = value;
    }

    /// <summary>The confidence of each class in the last answer.</summary>
    public ReadOnlySpan<float> Scores => _scores;

    /// <summary>Multiply-adds of the last answer.</summary>
    public long MultiplyAdds { get; private set; }

    /// <summary>Answers a window, or the features of one.</summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="window">The window: as many rows of float32 columns as a row of the model has samples.</param>
    /// <returns>The class, its confidence and the exit; of a model of a value 0, the value and the last exit. Null: the values are too
    /// large for an answer that is a number.</returns>
    /// <exception cref="ArgumentException">The window is not what the model takes.</exception>
    public (int Class, float Confidence, int Exit)? Answer(ReadOnlySpan<float> weights, Batch window)
    {
        ArgumentNullException.ThrowIfNull(window);
        var (channels, samples) = (model.Plan.Input.Channels, model.Plan.Input.Samples);
        if (window.Rows != samples || window.Channels.Count != channels)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"expected a window of {channels} channels and {samples} rows, got {window.Channels.Count} and {window.Rows}"),
                nameof(window));
        }

        for (var c = 0; c < channels; c++) { window.Channels[c].Values<float>().CopyTo(_row.AsSpan(c * samples)); }
        if (model.Plan.Target == TargetKind.Value)
        {
            model.Infer(weights, new(_row, 1), _scores, _memory);
            MultiplyAdds = model.Plan.MultiplyAdds;
            return float.IsFinite(_scores[0]) ? (0, _scores[0], model.ExitCount - 1) : null;
        }

        MultiplyAdds = model.Answer(weights, new(_row, 1), Rule(), _scores, _exit, _memory);
        _left -= work < 1 ? MultiplyAdds : 0;
        var best = ModelPlan.ClassOf(_scores);
        return float.IsFinite(_scores[best]) ? (best, _scores[best], _exit[0]) : null;
    }

    /// <summary>The rule of the next window: the one that was asked for, up to the last exit that what is left pays for.</summary>
    private ExitRule Rule()
    {
        if (work >= 1) { return _leaving; }
        var whole = model.MultiplyAddsTo[^1];
        _left = Math.Min(_left + (work * whole), Burst * work * whole);
        var exit = model.ExitCount - 1;
        while (exit > 0 && model.MultiplyAddsTo[exit] > _left) { exit--; }
        if (exit == model.ExitCount - 1) { return _leaving; }
        var always = _leaving.Measure == ExitMeasure.Entropy ? float.PositiveInfinity : float.NegativeInfinity;
        return _leaving with { Thresholds = _leaving.Thresholds.SetItem(exit, always) };
    }
}
