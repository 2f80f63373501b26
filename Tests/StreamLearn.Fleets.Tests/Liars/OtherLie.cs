using System.Buffers;

namespace StreamLearn.Fleets.Tests;

/// <summary>Says anything in pieces of updates and in moments of rows; for the first half minute it also speaks as the aggregator, unless
/// it is careful.</summary>
internal sealed class OtherLie(IModel model, bool isCareful, OperatorContext context, IOutput<UpdatePiece> pieces,
    IOutput<DeviceMoments> moments, IOutput<Weights> versions) : Operator<Batch>, IStateful
{
    private static readonly TimeSpan SpeaksAsAggregator = TimeSpan.FromSeconds(30);
    private readonly RandomStream _random = context.Random;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private long _said;

    /// <inheritdoc />
    public string StateFormat => "other-lie/1";

    /// <inheritdoc />
    public void State(ref StateStream s) => s.Value(ref _said);

    public override void Process(Batch input)
    {
        input.Dispose();
        _said++;
        if (_random.NextInt32(8) == 0) { moments.Emit(Moments()); }
        else if (isCareful || context.Now - context.Started > SpeaksAsAggregator || _random.NextInt32(2) == 0) { pieces.Emit(Piece()); }
        else { versions.Emit(Version()); }
    }

    private UpdatePiece Piece()
    {
        _bytes.ResetWrittenCount();
        LearningCodecs.Deltas.Encode(new()
        {
            Device = "liar",
            Epoch = 1,
            Sequence = _said,
            BaseVersion = _random.NextInt32(100),
            BaseEpoch = 5,
            Samples = 16,
            Steps = 4,
            SchemaHash = model.Plan.SchemaHash,
            Values = [.. model.Initial.Values.Select(_ => (float)_random.NextGaussian())],
        }, _bytes);
        var offset = _random.NextInt32(2) == 0 ? 0 : _random.NextInt32(_bytes.WrittenCount);
        var isWhole = _random.NextInt32(2) == 0;
        return new()
        {
            Device = _random.NextInt32(5) == 0 ? "device-1" : "liar",
            Epoch = _random.NextInt32(3) == 0 ? Number() : 1,
            Sequence = _random.NextInt32(3) == 0 ? Number() : _said,
            Offset = offset,
            Total = isWhole ? _bytes.WrittenCount : _bytes.WrittenCount + _random.NextInt32(100_000),
            Checksum = (uint)_random.NextInt32(3),
            Bytes = [.. _bytes.WrittenSpan[offset..]],
        };
    }

    private DeviceMoments Moments()
    {
        RowMoments rows = new(2);
        for (var row = 0; row < 20; row++) { rows.Add([(float)_random.NextGaussian(), (float)(1e30 * _random.NextGaussian())]); }
        return new($"device-{_random.NextInt32(2000)}", Number(), ["x", $"y{_random.NextInt32(3)}"], rows);
    }

    private Weights Version() => model.Initial with
    {
        Recipient = $"device-{_random.NextInt32(4)}",
        Epoch = Number(),
        Version = _random.NextInt32(2) == 0 ? Number() : _random.NextInt32(1000),
        Values = [.. model.Initial.Values.Select(_ => (float)_random.NextGaussian())],
    };

    /// <summary>Versions below 0 cannot be written.</summary>
    private long Number() => _random.NextInt32(4) switch
    {
        0 => long.MaxValue - _random.NextInt32(3),
        1 => _random.NextInt32(10),
        2 => context.Now.ToUnixTimeMilliseconds() + _random.NextInt32(80_000_000),
        _ => (long)(_random.NextDouble() * long.MaxValue),
    };
}
