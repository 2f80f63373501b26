using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using StreamLearn.Mqtt;

namespace FleetProcess;

/// <summary>Adds numbers of a server up and publishes each sum of so many, with checkpoints in a folder: made to be killed.</summary>
internal static class Sums
{
    private const int Count = 5;

    internal static async Task RunAsync(string server, MqttVersion version, string folder)
    {
        await using var transport = new MqttTransport(new()
        {
            Server = new(server),
            Version = version,
            ClientId = "sums",
            InitialReconnectDelay = TimeSpan.FromMilliseconds(50),
        });
        var pipeline = Pipeline.Define("sums", p => p
            .Subscribe(transport, "sl/numbers", Texts.Codec, new() { Capacity = 32 })
            .Via("add-up", new AddUpOptions(Count))
            .Publish(transport, "sl/sums", Texts.Codec, new PublicationOptions { WithCheckpoint = true }));
        await using var run = pipeline.Start(new RunOptions
        {
            Checkpoints = new(folder) { HoldAtMost = TimeSpan.FromMilliseconds(20) },
            StartFrom = Checkpoint.Newest(folder),
        });
        Console.WriteLine("started");
        await run.Completion;
    }
}

internal sealed class Texts : ICodec<string>
{
    internal static readonly Texts Codec = new();

    public string Name => "text/1";

    public void Encode(string value, IBufferWriter<byte> buffer) => buffer.Write(Encoding.UTF8.GetBytes(value));

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out string value)
    {
        value = Encoding.UTF8.GetString(bytes);
        return true;
    }
}

internal sealed record AddUpOptions(int Count) : IOperatorOptions<string, string, AddUp>, IBlockOptions
{
    public string State => "a sum";

    public AddUp Create(OperatorContext context, IOutput<string> output) => new(Count, output);
}

internal sealed class AddUp(int count, IOutput<string> output) : Operator<string>, IStateful
{
    private long _sum;
    private int _added;

    public string StateFormat => "add-up/1";

    public void State(ref StateStream s)
    {
        s.Value(ref _sum);
        s.Value(ref _added, 0, count - 1);
    }

    public override void Process(string input)
    {
        _sum += long.Parse(input, CultureInfo.InvariantCulture);
        if (++_added < count) { return; }
        output.Emit(_sum.ToString(CultureInfo.InvariantCulture));
        (_sum, _added) = (0, 0);
    }
}
