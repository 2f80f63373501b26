namespace StreamLearn.Mqtt.Tests;

/// <summary>Bytes that have come stay in their order, whatever the buffer's size.</summary>
public sealed class ReceiveBufferTests
{
    private const int Least = 4 * 1024, Usual = 256 * 1024;

    [Fact]
    public void What_is_unread_stays_as_the_buffer_grows_moves_and_shrinks()
    {
        for (var seed = 0; seed < (LongForm.IsAsked ? 200 : 20); seed++)
        {
            var (buffer, random) = (new ReceiveBuffer(), new Random(seed));
            var unread = new List<byte>();
            for (var step = 0; step < 200; step++)
            {
                var room = buffer.Room().Span;
                Assert.False(room.IsEmpty);
                var count = random.Next(3) == 0 ? room.Length : random.Next(1, Math.Min(room.Length, 500) + 1);
                random.NextBytes(room[..count]);
                unread.AddRange(room[..count]);
                buffer.Wrote(count);
                var taken = random.Next(4) == 0 ? unread.Count : random.Next(unread.Count + 1);
                buffer.Consume(taken);
                unread.RemoveRange(0, taken);
                Assert.True(buffer.Unread.SequenceEqual(unread.ToArray()), $"seed {seed}, step {step}");
            }
            buffer.Clear();
        }
    }

    [Fact]
    public void Reads_that_fill_it_make_it_larger_and_many_small_ones_make_it_smaller()
    {
        var buffer = new ReceiveBuffer();
        Assert.Equal(Least, buffer.Room().Length);
        for (var i = 0; i < 3; i++) { Read(buffer, buffer.Room().Length); }
        Assert.Equal(Usual, buffer.Room().Length);
        for (var i = 0; i < 1000; i++) { Read(buffer, 100); }
        Assert.Equal(Least, buffer.Room().Length);
        buffer.Clear();
    }

    [Fact]
    public void A_packet_larger_than_usual_gets_its_room_and_gives_it_back()
    {
        var buffer = new ReceiveBuffer();
        var bytes = 0;
        while (bytes < 4 * Usual)
        {
            var count = buffer.Room().Length;
            buffer.Wrote(count);
            bytes += count;
        }
        Assert.Equal(bytes, buffer.Unread.Length);
        buffer.Consume(bytes);
        Assert.Equal(Usual, buffer.Room().Length);
        buffer.Clear();
    }

    private static void Read(ReceiveBuffer buffer, int count)
    {
        buffer.Room();
        buffer.Wrote(count);
        buffer.Consume(count);
    }
}
