using StreamLearn.Formats;
using StreamLearn.Operators;

namespace StreamLearn.Mqtt.Tests;

/// <summary>The code of the READMEs, so that it is compiled. A test holds both texts together.</summary>
internal static class ReadmeExamples
{
    /// <summary>README.md of the connector. The console is the test's, which presses Ctrl+C.</summary>
    internal static async Task FirstAsync(string[] args, TestConsole Console)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };    // Ctrl+C ends the run, not the process
        // mqtts://broker:8883; sessions last under this name
        await using var server = new MqttTransport(new() { Server = new(args[0]), ClientId = "line-2" });
        var rows = new JsonFormat(new()                                     // {"t":"2026-05-04T08:00:00Z","accel":[{"x":0.1},{"x":0.2}]}
        {
            Time = new("$.t", SamplesPerSecond: 50),
            Columns = [JsonColumn.Channel("x", "$.accel[*].x", Unit.StandardGravity)],
        });

        var pipeline = Pipeline.Define("line-2", p =>
        {
            p.Subscribe(server, "plant/{site}/{pump}/vibration", rows)      // two more columns, site and pump: each text is a number
                .PerKey("pump", pump => pump.Window(samples: 50, hop: 50).MeanDeviation())     // a second of each pump becomes one row
                .OnError(ErrorPolicy.DeadLetter)
                .Output("seconds");
            // a message that a block throws on ends here, and the run goes on
            p.DeadLetters.ForEach("letters", letter => Console.Error.WriteLine($"{letter.Block}: {letter.Reason}"));
            p.Connections(server).ForEach("connections", c => Console.Error.WriteLine(c.IsConnected ? "connected" : c.Reason));
        });

        await using var run = pipeline.Start(null, stop.Token);
        await foreach (var second in run.ReadAllAsync<Batch>("seconds"))
        {
            using (second)
            {
                var pump = run.LevelTexts("pump")[second["pump"].Values<int>()[0]];
                Console.WriteLine($"{pump}: deviation {second["x deviation"].Values<float>()[0]:0.000}");
            }
        }

        Console.WriteLine($"{run.Metrics}\n{server.Status}\n{rows.LastRefusal}");     // what came, went and was dropped, with the reason
        try { await run.Completion; }                                       // throws if a block failed
        catch (OperationCanceledException) { }                              // Ctrl+C
    }

    /// <summary>README.md of the connector.</summary>
    internal static async Task SecondAsync(CancellationToken cancellationToken)
    {
        await using var server = new MqttTransport(new()
        {
            Server = new("mqtts://broker:8883"),
            ClientId = "line-2",                                                    // sessions last under this name
            Credentials = stop => MqttCredentials.FromFileAsync("login.txt", stop), // user and password, a line each
        });
        var rows = new JsonFormat(new() { Columns = [JsonColumn.Channel("x", "$.x", Unit.StandardGravity)] });

        var pipeline = Pipeline.Define("line-2", p => p
            .Subscribe(server, "plant/+/+/vibration", rows, new() { Capacity = 128 })
            .Publish(server, "line-2/checked", rows, properties: new() { ContentType = "application/json" }));

        await pipeline.RunAsync(cancellationToken);
    }

    /// <summary>README.md of the connector.</summary>
    internal static Pipeline Third(ITransport server)
    {
        var answering = Pipeline.Define("answers", p => p
            .Subscribe<Question>(server, "questions", "question/1", (message, _) => Question.Of(message))
            .Publish(server, "answers", Question.Codec, question => new() { CorrelationData = question.CorrelationData }));
        return answering;
    }

    /// <summary>Connections as data of a pipeline.</summary>
    internal static Pipeline Fourth(ITransport server)
    {
        var rows = new JsonFormat(new() { Columns = [JsonColumn.Channel("x", "$.x", Unit.StandardGravity)] });
        var hearing = Pipeline.Define("line-2", p =>
        {
            p.Subscribe(server, "plant/+/vibration", rows).Publish(server, "line-2/checked", rows);
            p.Connections(server).ForEach("say", c => Console.WriteLine(c.IsConnected ? $"{c.Session}: kept {c.SessionKept}" : c.Reason));
        });
        return hearing;
    }

    private sealed record Question(string Text, ReadOnlyMemory<byte> CorrelationData)
    {
        internal static ICodec<Question> Codec { get; } = new TextCodec();

        internal static Question? Of(in Received message) =>
            message.Properties is { } properties ? new(Encoding.UTF8.GetString(message.Payload), properties.CorrelationData) : null;
    }

    private sealed class TextCodec : ICodec<Question>
    {
        public string Name => "question/1";

        public void Encode(Question value, IBufferWriter<byte> buffer) => buffer.Write(Encoding.UTF8.GetBytes(value.Text));

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Question value)
        {
            value = new(Encoding.UTF8.GetString(bytes), default);
            return true;
        }
    }
}
