using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>An input that is under way: what is kept of it until all its lines are there. Used again for a later one.</summary>
internal sealed class PartFlight
{
    private float[] _inputs = [];
    private float[] _outputs = [];
    private int _inputSize, _outputSize;

    /// <summary>Its number; 0 while it is free.</summary>
    internal long Sequence { get; private set; }

    internal int Rows { get; private set; }

    /// <summary>Times and labels of its rows, with answers that are still to be written.</summary>
    internal Batch? Answers { get; set; }

    /// <summary>The version that answers it, whatever comes meanwhile.</summary>
    internal Weights Weights { get; private set; } = null!;

    /// <summary>The label of the rows that it was computed of.</summary>
    internal PrivacyLabel Label { get; private set; }

    /// <summary>Its lines, each once.</summary>
    internal List<PartShare> Shares { get; } = [];

    /// <summary>What goes into the block, kept until all lines are there.</summary>
    internal Span<float> Inputs => _inputs.AsSpan(0, Rows * _inputSize);

    /// <summary>What has come out of it.</summary>
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

    internal void Begin(
        long sequence, int rows, Batch answers, PrivacyLabel label, Weights weights, int inputSize, int outputSize)
    {
        Label = label;
        (Sequence, Rows, Answers, Weights, _inputSize, _outputSize) = (sequence, rows, answers, weights, inputSize, outputSize);
        if (_inputs.Length < rows * inputSize) { _inputs = new float[rows * inputSize]; }
        if (_outputs.Length < rows * outputSize) { _outputs = new float[rows * outputSize]; }
        Outputs.Clear();        // what is saved is not to depend on what was there before
        Shares.Clear();
    }

    /// <summary>Marks lines as computed.</summary>
    internal void Done(int share) => Shares[share] = Shares[share] with { IsDone = true };

    /// <summary>Frees it; the answers are the caller's.</summary>
    internal Batch End()
    {
        var answers = Answers!;
        (Sequence, Answers) = (0, null);
        return answers;
    }

    internal void State(ref StateStream s, ModelPlan plan, int lines, int workers, int inputSize, int outputSize)
    {
        (Sequence, Rows) = (s.Value(Sequence), s.Value(Rows, 1, int.MaxValue / Math.Max(inputSize, outputSize)));
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

        s.Items(Shares, lines, (lines, workers), static (ref StateStream s, ref PartShare share, (int Lines, int Workers) most) =>
        {
            var from = s.Value(share.Lines.From, 0, most.Lines - 1);
            share = new(new(from, s.Value(share.Lines.To, from + 1, most.Lines)), s.Value(share.Worker, PartShare.Here, most.Workers - 1),
                s.ClockTime(share.Deadline) ?? default, s.Value(share.IsDone));
        });
    }
}
