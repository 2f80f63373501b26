using System.Collections.Immutable;

namespace StreamLearn.Compression.Tests;

public sealed class SoftLabelsTests
{
    private static readonly SoftLabels Scores = new()
    {
        Device = "edge-1",
        Round = 3,
        Classes = 3,
        Rows = [4, 0],
        Logits = [1, -2.5f, 0.25f, 7, 1e9f, -1e9f],
    };

    [Fact]
    public void Scores_travel_as_float16_and_are_cut_to_its_range()
    {
        var bytes = Encoded(Scores);
        Assert.True(CompressionCodecs.SoftLabels.TryDecode(new(bytes), null!, out var back));
        Assert.Equal((Scores.Device, Scores.Round, Scores.Classes), (back.Device, back.Round, back.Classes));
        Assert.Equal(Scores.Rows.AsEnumerable(), back.Rows);
        Assert.Equal([1, -2.5f, 0.25f, 7, 65504, -65504], back.Logits);
        Assert.Equal(12 + 2 + 6 + 8 + 4 + 4 + (2 * 4) + (6 * 2), bytes.Length);
    }

    [Fact]
    public void What_is_cut_or_damaged_is_refused()
    {
        var bytes = Encoded(Scores);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(CompressionCodecs.SoftLabels.TryDecode(new(bytes, 0, length), null!, out _));
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 0x10;
            Assert.False(CompressionCodecs.SoftLabels.TryDecode(new(damaged), null!, out _));
        }

        var infinite = Encoded(Scores with { Logits = [1, 2, 3, 4, 5, float.NaN] });
        Assert.False(CompressionCodecs.SoftLabels.TryDecode(new(infinite), null!, out _));
        Assert.False(CompressionCodecs.SoftLabels.TryDecode(new(Encoded(Scores with { Rows = [1, -1] })), null!, out _));
    }

    /// <summary>By hand: a device that is sure counts fully, one that is not hardly.</summary>
    [Fact]
    public void The_consensus_follows_those_who_are_sure()
    {
        SoftLabels Of(params float[] logits) => new() { Device = "d", Classes = 2, Rows = [0], Logits = [.. logits] };
        var mean = SoftLabels.Consensus([Of(10, -10), Of(0.1f, 0.3f)], "server");
        var second = (1 / (1 + Math.Exp(-0.2))) - 0.5 + 1e-6;
        var first = (1 / (1 + Math.Exp(-20))) - 0.5 + 1e-6;
        Assert.Equal(((first * 10) + (second * 0.1)) / (first + second), mean.Logits[0], 1e-5);
        Assert.Equal("server", mean.Device);
        Assert.Equal([0f, 0f], SoftLabels.Consensus([Of(1, 1), Of(-1, -1)], "server").Logits);
        Assert.Throws<ArgumentException>(() => SoftLabels.Consensus([], "server"));
        Assert.Throws<ArgumentException>(() => SoftLabels.Consensus([Of(1, 2), Of(1, 2) with { Rows = [1] }], "server"));
    }

    [Fact]
    public void A_student_comes_near_its_teacher_without_labels()
    {
        var teacher = Model(new(new(2), 3, [new Dense(8), new Tanh()], [new(0, new Dense(3)), new(1, new Dense(3))], seed: 1), 9);
        var student = new Network(new(2), 3, [new Flatten()], [new(0, new Dense(3))], seed: 4);
        var random = new RandomStream(1, "rows");
        float[] features = [.. Enumerable.Range(0, 200).Select(_ => (float)random.NextGaussian())];
        var rows = new Sample(features, 100);
        var taught = teacher.DistillInto(
            student, rows, teacherShare: 1, retrain: new() { Optimizer = new Adam(0.02f), Steps = 500 });
        ImmutableArray<int> places = [.. Enumerable.Range(0, 100)];
        var wanted = SoftLabels.Of(teacher, rows, places, "teacher");
        var given = SoftLabels.Of(taught, rows, places, "student");
        var agree = places.Count(r => ClassOf(wanted, r) == ClassOf(given, r));
        Assert.InRange(agree, 90, 100);
        Assert.Equal((student.Plan.SchemaHash, 9), (taught.Weights.SchemaHash, taught.Weights.Version));
        Assert.Throws<ArgumentException>(() => taught.Distill(new(features, 100), Scores with { Rows = [100, 0] }));
        Assert.Throws<ArgumentException>(() => taught.Distill(new(features, 100), Scores with { Classes = 2 }));
    }

    private static int ClassOf(SoftLabels scores, int row) => ModelPlan.ClassOf(scores.Logits.AsSpan().Slice(row * 3, 3));

    private static LoadedModel Model(Network network, long version) =>
        new(network, network.Initial with { Version = version }, ModelCard.Empty);

    private static byte[] Encoded(SoftLabels scores) => BoundaryCodec8Tests.Encoded(CompressionCodecs.SoftLabels, scores);
}
