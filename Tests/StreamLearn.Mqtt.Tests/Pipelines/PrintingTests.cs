using StreamLearn.Formats;
using StreamLearn.Operators;

namespace StreamLearn.Mqtt.Tests;

/// <summary>What a person prints to see what came, went and was dropped.</summary>
public sealed class PrintingTests
{
    [Fact]
    public void A_session_prints_what_occurred_in_a_line()
    {
        var publishing = new MqttSessionStatus { ClientId = "line-2", IsConnected = true, Connects = 1, Published = 12 };
        var reading = new MqttSessionStatus
        {
            ClientId = "line-2.1",
            Filter = "plant/+/vibration",
            GrantedQos = 1,
            Connects = 2,
            Losses = 2,
            Received = 120,
            Redeliveries = 3,
            InFlight = 4,
            Dropped = 5,
            Refused = 6,
            LastFault = "the server closed the connection",
        };
        Assert.Equal(
            "line-2 publishing: connected, 12 published | line-2.1 'plant/+/vibration' QoS 1: not connected, 120 received, 4 in flight, "
                + "3 redelivered, 5 dropped over-credit, 6 refused, 2 connections lost; "
                + "last fault: the server closed the connection",
            new MqttStatus(publishing, [reading]).ToString());
        Assert.Equal("x publishing: never connected", new MqttSessionStatus { ClientId = "x" }.ToString());
    }

    [Fact]
    public async Task A_run_prints_a_line_for_each_block_with_its_drops()
    {
        await using var server = new InProcessTransport();
        var rows = new JsonFormat(new() { Columns = [JsonColumn.Channel("x", "$.x[*]", Unit.One)] });
        var seen = 0;
        await using var run = Pipeline.Define("line", p =>
        {
            p.Subscribe(server, "a", rows).Filter("with-rows", static batch => batch.Rows > 0)
                .ForEach("see", batch =>
                {
                    Interlocked.Add(ref seen, batch.Rows);
                    if (batch.Rows == 3) { throw new InvalidOperationException("three"); }
                }).OnError(ErrorPolicy.DeadLetter);
            p.DeadLetters.ForEach("letters", static _ => { });
        }).Start(null, Cancellation);
        var sequence = 0;
        foreach (var payload in new[] { """{"x":[]}""", "no JSON", """{"x":[1,2,3]}""", """{"x":[1]}""" })
        {
            await server.PublishAsync("a", new(System.Text.Encoding.UTF8.GetBytes(payload)), new(new("test", sequence++)), Cancellation);
        }
        await Long.UntilAsync(() => Volatile.Read(ref seen) == 4, () => run.Metrics.ToString());
        await run.DrainAsync();

        Assert.Equal("""
            subscribe a: 0 in, 2 out (0 rows in, 4 out), 1 dropped empty, 1 dropped malformed
            with-rows: 2 in, 2 out (4 rows in, 4 out)
            see: 2 in, 0 out (4 rows in, 0 out), 1 dropped dead-letter (3 rows), 1 errors
            dead-letters: 1 in, 1 out (3 rows in, 3 out)
            letters: 1 in, 0 out (3 rows in, 0 out)
            """, run.Metrics.ToString());
    }
}
