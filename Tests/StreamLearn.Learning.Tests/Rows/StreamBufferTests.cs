namespace StreamLearn.Learning.Tests;

/// <summary>Buffers of streams that change: the newest rows, and rows that are forgotten by chance.</summary>
public sealed class StreamBufferTests
{
    private readonly RandomStream _random = new(1, "buffer");

    [Fact]
    public void A_sliding_buffer_holds_the_newest_rows()
    {
        var buffer = new ReplayBuffer(5, 1, 1, BufferKind.Sliding);
        for (var i = 0; i < 23; i++)
        {
            buffer.Add([i], 0, _random);
            var held = Enumerable.Range(0, buffer.Count).Select(p => buffer[p][0]).Order();
            Assert.Equal(Enumerable.Range(Math.Max(0, i - 4), Math.Min(i + 1, 5)).Select(static v => (float)v), held);
        }
    }

    [Fact]
    public void Half_of_a_forgetting_buffer_is_forgotten_in_as_many_rows_as_are_said()
    {
        var buffer = new ReplayBuffer(1000, 1, 1, BufferKind.Forgetting);
        for (var i = 0; i < 1000; i++) { buffer.Add([0], 0, _random); }
        for (var i = 0; i < 693; i++) { buffer.Add([1], 0, _random); }
        Assert.InRange(Enumerable.Range(0, 1000).Count(p => buffer[p][0] == 0), 450, 550);
    }

    [Fact]
    public void A_buffer_that_was_cleared_is_as_a_new_one()
    {
        var (used, fresh) = (new ReplayBuffer(4, 1, 2, BufferKind.ClassBalanced), new ReplayBuffer(4, 1, 2, BufferKind.ClassBalanced));
        for (var i = 0; i < 50; i++) { used.Add([i], i % 2, _random); }
        used.Clear();
        var (a, b) = (new RandomStream(2, "rows"), new RandomStream(2, "rows"));
        for (var i = 0; i < 50; i++)
        {
            used.Add([i], i % 3 == 0 ? 1 : 0, a);
            fresh.Add([i], i % 3 == 0 ? 1 : 0, b);
        }

        Assert.Equal(fresh.Rows(0, 4).ToArray(), used.Rows(0, 4).ToArray());
        Assert.Equal(fresh.Held.ToArray(), used.Held.ToArray());
    }
}
