namespace StreamLearn.Mqtt.Tests;

/// <summary>When reads wait for more to come: on a clock of the test's own, in microseconds.</summary>
public sealed class ReadPaceTests
{
    private const int Second = 1_000_000;

    [Fact]
    public void Where_a_wait_takes_nothing_from_the_rate_reads_wait()
    {
        var server = new Server(perMillisecond: 40);
        var waits = server.Run(Second / 2);
        Assert.Equal([0, 1, 2, 1], Steps(waits));
        Assert.InRange(server.Reads, 450, 650);                 // 20,000 without
        Assert.Equal(20_000, server.Messages, 200.0);
    }

    [Fact]
    public void A_server_with_its_fill_in_flight_is_not_made_to_wait()
    {
        var server = new Server(perMillisecond: 40) { InFlight = 20 };
        var waits = server.Run(Second / 2);
        Assert.Equal([0, 1, 2, 0], Steps(waits));
        Assert.InRange(server.Messages, 19_600, 20_000);        // 20 a millisecond with waits
    }

    [Theory, InlineData(2500), InlineData(15_600)]
    public void Where_waits_last_as_long_as_they_like_nothing_waits(int minWait)
    {
        var server = new Server(perMillisecond: 40) { InFlight = 20, MinWait = minWait };
        server.Run(Second / 2);
        Assert.Equal([0], server.Run(Second / 4).Distinct());
        server.Run(3 * Second);
        Assert.InRange(server.Messages, 150_000 * 9 / 10, 150_000);
    }

    [Fact]
    public void What_was_found_is_looked_at_again_every_second()
    {
        var server = new Server(perMillisecond: 40) { InFlight = 20 };
        server.Run(Second / 2);
        server.InFlight = 1000;
        Assert.Contains(1, server.Run(Second));
        Assert.Equal([1], server.Run(Second / 4).Distinct());
        server.InFlight = 20;
        server.Run(Second * 3 / 2);
        Assert.Equal([0], server.Run(Second / 4).Distinct());
    }

    [Theory]
    [InlineData(3)]                 // never quick enough
    [InlineData(1)]
    public void Slow_messages_are_read_as_they_come(int perMillisecond)
    {
        var server = new Server(perMillisecond);
        Assert.Equal([0], server.Run(2 * Second).Distinct());
        Assert.Equal(2000 * perMillisecond, server.Messages);
    }

    [Fact]
    public void A_server_that_answers_each_message_is_tried_for_a_moment_of_each_second()
    {
        var server = new Server(perMillisecond: 40) { InFlight = 1 };
        server.Run(4 * Second);
        Assert.InRange(server.Messages, 159_000, 160_000);
    }

    [Fact]
    public void Reads_that_fill_their_room_never_wait()
    {
        ReadPace pace = default;
        for (var i = 0; i < 1000; i++)
        {
            pace.Read(1000, filled: true, i);
            Assert.Equal(0, pace.Wait);
        }
    }

    [Fact]
    public void A_burst_that_fills_its_room_ends_the_waits()
    {
        var server = new Server(perMillisecond: 40);
        Assert.Equal(1, server.Run(Second / 2)[^1]);
        server.Pace.Read(1000, filled: true, server.Now);
        Assert.Equal(0, server.Pace.Wait);
    }

    [Fact]
    public void When_less_comes_the_waits_end()
    {
        var server = new Server(perMillisecond: 40);
        server.Run(Second / 2);
        server.PerMillisecond = 2;
        Assert.Equal(0, server.Run(Second / 10)[^1]);           // and not only when it is time to look again
    }

    private static IEnumerable<int> Steps(List<int> waits) => waits.Where((wait, i) => i == 0 || wait != waits[i - 1]);

    /// <summary>Sends at a rate, with so many in flight at most; each read confirms what it brings.</summary>
    private sealed class Server(int perMillisecond)
    {
        public ReadPace Pace;
        private long _due;              // thousandths of messages
        internal int PerMillisecond { get; set; } = perMillisecond;
        internal int InFlight { get; set; } = int.MaxValue;

        /// <summary>Microseconds that any wait lasts at least.</summary>
        internal int MinWait { get; init; }
        internal long Now { get; private set; }
        internal int Reads { get; private set; }
        internal int Messages { get; private set; }

        /// <summary>Reads for so long.</summary>
        /// <returns>How long each read waited.</returns>
        internal List<int> Run(long microseconds)
        {
            var (end, waits) = (Now + microseconds, new List<int>());
            while (Now < end)
            {
                waits.Add(Pace.Wait);
                if (Pace.Wait > 0) { Pass(Math.Max(Pace.Wait * 1000, MinWait)); }
                while (_due < 1000) { Pass(1); }
                var came = (int)(_due / 1000);
                _due -= came * 1000;
                (Reads, Messages) = (Reads + 1, Messages + came);
                Pace.Read(came, filled: false, Now);
            }
            return waits;
        }

        private void Pass(int microseconds)
        {
            Now += microseconds;
            _due = Math.Min(_due + ((long)microseconds * PerMillisecond), InFlight * 1000L);
        }
    }
}
