namespace StreamLearn.Mqtt.Tests;

/// <summary>Batches of one row and one channel as four bytes.</summary>
internal sealed class RowCodec : ICodec<Batch>
{
    private static readonly Schema Columns = new(Field.Channel("c0", Unit.One));
    internal static RowCodec Default { get; } = new();
    public string Name => "row/1";

    public void Encode(Batch value, IBufferWriter<byte> buffer)
    {
        BitConverter.TryWriteBytes(buffer.GetSpan(sizeof(float)), value.Channels[0].Values<float>()[0]);
        buffer.Advance(sizeof(float));
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Batch value)
    {
        value = pool.Rent(Columns, 1);
        value.Channels[0].Writable<float>()[0] = BitConverter.ToSingle(bytes.ToArray());
        return true;
    }
}
