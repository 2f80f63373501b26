namespace StreamLearn.Models;

/// <content>The parts of a step, over some of the layers: forward, losses of the exits, backward.</content>
public sealed partial class Network
{
    private static readonly Distillation FromLastExit = new(Temperature: 3, TeacherShare: 0.5f);

    /// <summary>
    /// The first part of a step: runs layers [from, to) and the exits after them (an exit belongs to the range that holds the layer
    /// before it), and leaves on the tape what the other parts need.
    /// </summary>
    /// <param name="weights">All values of the model.</param>
    /// <param name="from">The first layer.</param>
    /// <param name="to">The layer after the last one: above <paramref name="from"/>, at most the number of layers.</param>
    /// <param name="inputs">Activations at boundary <paramref name="from"/>, <c>[rows, boundary]</c>; the tape copies what it
    /// needs.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="tape">The tape; what it held is gone.</param>
    /// <param name="pin">Whether the tape keeps a copy of these weights, for a backward pass after they have moved.</param>
    /// <exception cref="ArgumentException">The range is not one of the network, or a span has not the length it should have.</exception>
    public void Forward(ReadOnlySpan<float> weights, int from, int to, ReadOnlySpan<float> inputs, int rows, Tape tape, bool pin = false)
    {
        ArgumentNullException.ThrowIfNull(tape);
        _layout.Check(from, to, rows, weights.Length, inputs.Length);
        tape.Begin(this, _layout.Tape(from, to), rows);
        if (pin) { tape.Pin(weights); }
        _passes.Forward(weights, inputs, tape);
    }

    /// <summary>The second part: gives the sum of loss weight × loss over the exits of the tape's range, mean over rows; the gradients of
    /// the scores stay on the tape. Without it the exits teach nothing. <paramref name="tape"/>: a tape that a forward pass has written.
    /// <paramref name="logitOffsets"/>: added to the scores of every row, one for each class; empty for none.</summary>
    /// <exception cref="ArgumentException">The tape is another network's, or a span has not the length it should have.</exception>
    internal float ExitLosses(Tape tape, ReadOnlySpan<int> labels, ReadOnlySpan<float> logitOffsets) =>
        ExitLosses(tape, new Sample([], labels) { LogitOffsets = logitOffsets });

    /// <summary>The second part, for any loss: gives the sum of loss weight × loss over the exits of the tape's range that teach.</summary>
    /// <param name="tape">A tape that a forward pass has written.</param>
    /// <param name="batch">What the rows should have given: labels, targets, a teacher's scores; features are not looked at.</param>
    /// <exception cref="ArgumentException">The tape is another network's, or a span has not the length it should have.</exception>
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

    /// <summary>The last part: takes the gradients back through the layers of the tape's range. The tape stays as it is.</summary>
    /// <param name="weights">The weights of the forward pass; empty: the ones that were pinned.</param>
    /// <param name="tape">A tape that a forward pass has written.</param>
    /// <param name="outputGradients">
    /// Gradient of the outputs, <c>[rows, boundary]</c>; empty at the end of the network, or where the range's own exits alone teach.
    /// </param>
    /// <param name="gradients">
    /// As many values as the model has: those of the range's trained slices are added to, those of its statistic slices are overwritten
    /// with the statistics; frozen ones are zeros or stay, the others stay.
    /// </param>
    /// <param name="inputGradients">
    /// The gradient of the inputs, <c>[rows, boundary]</c>: overwritten; empty: not wanted. Zeros where a mask lets nothing below learn.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The tape is another network's or has no weights pinned, or a span has not the length it should have.
    /// </exception>
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
