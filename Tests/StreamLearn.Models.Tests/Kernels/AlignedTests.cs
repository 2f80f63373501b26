using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamLearn.Models.Tests;

public sealed class AlignedTests
{
    private const int LineBytes = 64;

    [Theory, InlineData(1, 0), InlineData(16, 0), InlineData(1000, 6), InlineData(1000, 999)]
    public void The_chosen_value_begins_a_line(int length, int first)
    {
        for (var i = 0; i < 64; i++)
        {
            var values = Aligned.Values(length, first);
            Assert.Equal(length, values.Length);
            Assert.Equal(0, PlaceOn(values.Span[first..]));
            Assert.All(values.ToArray(), value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void No_values_take_no_memory() => Assert.True(Aligned.Values(0).IsEmpty);

    [Fact]
    public void Memory_that_is_rented_begins_a_line_whatever_was_rented_before()
    {
        var memory = new Workspace();
        foreach (var length in new[] { 1, 7, 16, 33, 5000, 3, 100_000, 1 }) { Assert.Equal(0, PlaceOn(memory.Rent(length))); }
    }

    [Fact]
    public void Tape_and_its_scratch_begin_a_line()
    {
        var network = ReferenceModels.Vgg5();
        var tape = new Tape();
        network.Forward(network.Initial.Values.AsSpan(), 0, network.Layers.Length, new float[network.Plan.Input.Size], 1, tape, pin: true);
        Assert.Equal((0, 0), (PlaceOn(tape.Part(0, 1)), PlaceOn(tape.BackwardScratch())));
    }

    [Fact]
    public void The_longest_slice_of_a_copied_model_begins_a_line()
    {
        var network = ReferenceModels.Vgg5();
        var copy = network.Plan.Aligned(network.Initial.Values.AsSpan());
        var longest = network.Plan.Slices.MaxBy(slice => slice.Length)!;
        Assert.Equal(network.Initial.Values, copy.ToArray());
        Assert.Equal(0, PlaceOn(longest.Of(copy.Span)));
        Assert.Throws<ArgumentException>(() => network.Plan.Aligned(new float[3]));
    }

    private static int PlaceOn(ReadOnlySpan<float> values) =>
        (int)(Unsafe.ByteOffset(ref Unsafe.NullRef<float>(), ref MemoryMarshal.GetReference(values)) % LineBytes);
}
