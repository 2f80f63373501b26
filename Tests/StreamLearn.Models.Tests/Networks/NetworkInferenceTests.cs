namespace StreamLearn.Models.Tests;

public sealed class NetworkInferenceTests
{
    private const int Rows = HarRows.Count;
    private static readonly Network Har = HarRows.Network;
    private readonly Workspace _memory = new();
    private readonly float[] _weights = HarRows.Weights();
    private readonly float[] _features = HarRows.Features();

    [Fact]
    public void Probabilities_are_those_of_the_last_exit_and_the_same_bits_for_each_row_alone()
    {
        var outputs = new float[Rows * HarNetwork.Classes];
        Har.Infer(_weights, new(_features, Rows), outputs, _memory);
        for (var r = 0; r < Rows; r++)
        {
            var row = _features.AsSpan(r * Har.Plan.Input.Size, Har.Plan.Input.Size).ToArray();
            var (alone, together) = (new float[HarNetwork.Classes], outputs.AsSpan(r * HarNetwork.Classes, HarNetwork.Classes).ToArray());
            Har.Infer(_weights, new(row, 1), alone, _memory);
            Same(alone, together);
            var scores = Naive.Logits(Har, Array.ConvertAll(_weights, w => (double)w), Array.ConvertAll(row, x => (double)x))[^1];
            for (var o = 0; o < scores.Length; o++) { Assert.Equal(Math.Exp(-Naive.CrossEntropy(scores, o)), together[o], 1e-6); }
        }

        Har.Infer(_weights, new([], 0), [], _memory);       // no rows, no answers
    }

    [Fact]
    public void Many_rows_are_answered_in_bounded_memory()
    {
        float[] many = [.. Enumerable.Range(0, 20).SelectMany(_ => _features)], outputs = new float[20 * Rows * HarNetwork.Classes];
        var memory = new Workspace();
        Har.Infer(_weights, new(many.AsSpan(0, 32 * Har.Plan.Input.Size), 32), outputs, memory);
        float[] expected = [.. Enumerable.Range(0, 20).SelectMany(_ => outputs[..(Rows * HarNetwork.Classes)])];
        var reserved = memory.ReservedBytes;
        Har.Infer(_weights, new(many, 20 * Rows), outputs, memory);
        Same(expected, outputs);
        Assert.Equal(reserved, memory.ReservedBytes);
    }

    [Fact]
    public void Inference_in_parts_gives_the_bits_of_the_forward_pass()
    {
        var tape = new Tape();
        Har.Forward(_weights, 0, 7, _features, Rows, tape);
        var scores = Har.Layout.Logits(tape, 1).ToArray();
        var last = new float[Rows * HarNetwork.Classes];
        Har.Infer(_weights, new(_features, Rows), last, _memory);
        for (var middle = 0; middle <= 7; middle++)
        {
            var (half, whole) = (new float[Rows * Har.Boundaries[middle].Size], new float[Rows * Har.Boundaries[7].Size]);
            var logits = new float[Rows * HarNetwork.Classes];
            Har.Passes.Trunk(_weights, 0, middle, _features, Rows, half, _memory);
            Har.Passes.Trunk(_weights, middle, 7, half, Rows, whole, _memory);
            Har.Passes.Head(_weights, 1, whole, Rows, logits, _memory);
            Same(scores, logits);
            for (var r = 0; r < Rows; r++) { Softmax.Probabilities(logits.AsSpan(r * HarNetwork.Classes, HarNetwork.Classes)); }
            Same(last, logits);
        }
    }
}
