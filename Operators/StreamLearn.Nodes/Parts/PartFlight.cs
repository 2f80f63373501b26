namespace StreamLearn.Nodes;

/// <summary>An input in flight; reused.</summary>
internal sealed class PartFlight
{
    private float[] _inputs = [];
    private float[] _outputs = [];
    private int _inputSize, _outputSize;

    /// <summary>A number that is unique for each block of an input; 0 while free.</summary>
    internal long Sequence { get; private set; }

    internal int Block { get; private set; }

    internal int Rows { get; private set; }

    internal Batch? Answers { get; set; }

    /// <summary>The version in use at arrival, kept until the answer.</summary>
    internal Weights Weights { get; private set; } = null!;

    internal PrivacyLabel Label { get; private set; }

    internal List<PartShare> Shares { get; } = [];

    /// <summary>The inputs, kept until all parts arrive, so that parts can be reassigned.</summary>
    internal Span<float> Inputs => _inputs.AsSpan(0, Rows * _inputSize);

    internal Span<float> Outputs => _outputs.AsSpan(0, Rows * _outputSize);

    internal bool IsDone
    {
        get
        {
            foreach (var share in Shares)
            {
                if (!share.IsDone) { return false; }
            }

            return true;
        }
    }

    internal void Begin(int rows, Batch answers, PrivacyLabel label, Weights weights) =>
        (Rows, Answers, Label, Weights) = (rows, answers, label, weights);

    internal void Enter(int block, long sequence, CutBlock cut, ReadOnlySpan<float> inputs)
    {
        (Block, Sequence, _inputSize, _outputSize) = (block, sequence, cut.InputSize, cut.GatheredSize);
        if (_inputs.Length < Rows * _inputSize) { _inputs = new float[Rows * _inputSize]; }
        if (_outputs.Length < Rows * _outputSize) { _outputs = new float[Rows * _outputSize]; }
        inputs.CopyTo(Inputs);
        Outputs.Clear();        // saved bytes must not depend on earlier content
        Shares.Clear();
    }

    internal void Done(int share) => Shares[share] = Shares[share] with { IsDone = true };

    /// <summary>Frees the flight; the caller owns the answers.</summary>
    internal Batch End()
    {
        var answers = Answers!;
        (Sequence, Answers) = (0, null);
        return answers;
    }

    internal void State(ref StateStream s, ModelPlan plan, ImmutableArray<CutBlock> cuts, int workers)
    {
        (Sequence, Block) = (s.Value(Sequence), s.Value(Block, 0, cuts.Length - 1));
        var (inputSize, outputSize, count) = (cuts[Block].InputSize, cuts[Block].GatheredSize, cuts[Block].Count);
        Rows = s.Value(Rows, 1, int.MaxValue / Math.Max(inputSize, outputSize));
        Answers = s.Value(Answers);
        Label = (PrivacyLabel)s.Value((int)Label, 0, (int)PrivacyLabel.DeviceOnly);
        Weights = s.Weights(Weights, plan);
        (_inputSize, _outputSize) = (inputSize, outputSize);
        var inputs = s.Array(s.IsReading ? [] : (ReadOnlySpan<float>)Inputs, Array.MaxLength);
        var outputs = s.Array(s.IsReading ? [] : (ReadOnlySpan<float>)Outputs, Array.MaxLength);
        if (s.IsReading)
        {
            if (inputs.Length != Rows * inputSize || outputs.Length != Rows * outputSize || Answers?.Rows != Rows)
            {
                throw new StateException($"expected {Rows} rows of {inputSize} and {outputSize} values, with their answers");
            }

            (_inputs, _outputs) = (inputs, outputs);
        }

        s.Items(Shares, count, (count, workers), static (ref StateStream s, ref PartShare share, (int Count, int Workers) most) =>
        {
            var from = s.Value(share.Lines.From, 0, most.Count - 1);
            share = new(new(from, s.Value(share.Lines.To, from + 1, most.Count)), s.Value(share.Worker, PartShare.Here, most.Workers - 1),
                s.ClockTime(share.Deadline) ?? default, s.Value(share.IsDone));
        });
        if (s.IsReading && !IsWhole(count)) { throw new StateException($"expected parts of {count} lines or channels, each once"); }
    }

    private bool IsWhole(int count)
    {
        var (at, sum) = (0, 0);
        while (at < count && Shares.Find(s => s.Lines.From == at) is { Lines.Count: > 0 } share) { at = share.Lines.To; }
        foreach (var share in Shares) { sum += share.Lines.Count; }
        return at == count && sum == count;
    }
}
