namespace StreamLearn.Models;

/// <content>The parts of a step over some of the layers: forward, losses of the exits, backward.</content>
public sealed partial class Network
{
    private static readonly Distillation FromLastExit = new(Temperature: 3, TeacherShare: 0.5f);

    /// <summary>Runs layers [from, to) and their exits onto the tape, the first part of a step.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <param name="from">The first layer.</param>
    /// <param name="to">One past the last layer, above <paramref name="from"/>.</param>
    /// <param name="inputs">Activations at boundary <paramref name="from"/>, <c>[rows, boundary]</c>; copied to the tape as needed.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="tape">The tape; overwritten.</param>
    /// <param name="pin">Whether the tape copies the weights, for a later backward pass.</param>
    /// <exception cref="ArgumentException">The range or a length is wrong.</exception>
    public void Forward(ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, Tape tape, bool pin = false)
    {
        ArgumentNullException.ThrowIfNull(tape);
        _layout.Check(from, to, rows, weights.Length, inputs.Length);
        tape.Begin(this, _layout.Tape(from, to), rows);
        if (pin) { tape.Pin(weights); }
        _passes.Forward(weights, inputs, tape);
    }

    /// <summary>Returns the mean over rows of Σ loss weight × loss; leaves the gradients of scores on the <paramref name="tape"/>.
    /// <paramref name="logitOffsets"/>: one per class, or empty.</summary>
    internal float ExitLosses(Tape tape, ReadOnlySpan<int> labels, ReadOnlySpan<float> logitOffsets) =>
        ExitLosses(tape, new Sample([], labels) { LogitOffsets = logitOffsets });

    /// <summary>Sums loss weight × loss over the trained exits of the tape, the second part of a step.</summary>
    /// <param name="tape">A tape after a forward pass.</param>
    /// <param name="batch">Labels, targets or teacher's scores; features are ignored.</param>
    /// <exception cref="ArgumentException">The tape belongs to another network, or a length is wrong.</exception>
    public float ExitLosses(Tape tape, in Sample batch) => (float)ExitLosses(tape, batch, batch.Rows);

    private double ExitLosses(Tape tape, in Sample batch, int rowsOfBatch)
    {
        Check(tape);
        NetworkLayout.Expect(tape.Rows, batch.Rows, "labels");
        if (!batch.LogitOffsets.IsEmpty) { NetworkLayout.Expect(Plan.Outputs, batch.LogitOffsets.Length, "logit offsets"); }
        double loss = 0;
        for (var i = tape.From; i < tape.To; i++)
        {
            if (_layout.ExitAfter(i) is not (>= 0 and var exit)) { continue; }
            var gradients = _layout.LogitGradients(tape, exit);
            gradients.Clear();
            var isLast = exit == Exits.Length - 1;
            if (ExitTraining == (isLast ? ExitTraining.EarlyOnly : ExitTraining.LastOnly)) { continue; }
            _layout.Logits(tape, exit).CopyTo(gradients);
            var factor = Exits[exit].LossWeight / rowsOfBatch;
            var sum = Objective.WeightedGradient(gradients, batch);
            if (ExitTraining == ExitTraining.SelfDistilling && !isLast && tape.To == Layers.Length)
            {
                var teacher = _layout.Logits(tape, Exits.Length - 1);
                sum = FromLastExit.Mix(sum, _layout.Logits(tape, exit), teacher, Plan.Outputs, gradients);
            }

            foreach (ref var gradient in gradients) { gradient *= factor; }
            loss += Exits[exit].LossWeight * sum / rowsOfBatch;
        }

        return loss;
    }

    /// <summary>Backpropagates through the layers of the tape, the last part of a step. The tape does not change.</summary>
    /// <param name="weights">The weights of the forward pass; empty: the pinned ones.</param>
    /// <param name="tape">A tape after a forward pass.</param>
    /// <param name="outputGradients">Gradient of the outputs, <c>[rows, boundary]</c>; empty if only the exits have losses.</param>
    /// <param name="gradients">One per value: adds to the range's trained slices, overwrites statistics; frozen ones become zeros or stay,
    /// others stay.</param>
    /// <param name="inputGradients">Written: input gradient, <c>[rows, boundary]</c>; empty: not wanted. Zeros if nothing below
    /// learns.</param>
    /// <exception cref="ArgumentException">The tape is another network's or lacks pinned weights, or a length is wrong.</exception>
    public void Backward(ReadOnlySpan<float> weights, Tape tape, ReadOnlySpan<float> outputGradients, Span<float> gradients,
        Span<float> inputGradients)
    {
        Check(tape);
        _passes.Backward(weights, tape, outputGradients, gradients, inputGradients, default, []);
    }

    /// <inheritdoc />
    public Shape BoundaryAt(int exit) => Boundaries[Exits[exit].After + 1];

    /// <inheritdoc />
    public void Trunk(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> inputs, int rows, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _passes.Trunk(weights, exit == 0 ? 0 : Exits[exit - 1].After + 1, Exits[exit].After + 1, inputs, rows, outputs, memory);
    }

    /// <inheritdoc />
    public void Head(int exit, ReadOnlySpan<float> weights, ReadOnlySpan<float> activations, int rows, Span<float> logits, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _passes.Head(weights, exit, activations, rows, logits, memory);
    }

    private void Check(Tape tape)
    {
        ArgumentNullException.ThrowIfNull(tape);
        if (!Equals(tape.Network)) { throw new ArgumentException("expected a tape that this network has written", nameof(tape)); }
    }
}
