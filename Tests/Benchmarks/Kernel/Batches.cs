namespace Benchmarks;

/// <summary>Renting and giving back a batch of 128 rows with a time and six channels, beside an array of as many bytes, and beside
/// filling it once.</summary>
internal static class Batches
{
    private const int Rows = 128;
    private const int Channels = 6;
    private const int Bytes = Rows * (8 + (4 * Channels));
    private const int Rounds = 1_000_000;

    private static readonly Schema Schema = new(
    [Field.Time(), .. Enumerable.Range(0, Channels).Select(i => Field.Channel($"c{i}", Unit.One))]);

    private static readonly BatchPool Pool = new();
    private static readonly byte[] From = new byte[Bytes];
    private static readonly byte[] To = new byte[Bytes];

    internal static Sample RentAndDispose() => Measurement.NanosecondsPer(Rounds, static () =>
    {
        for (var i = 0; i < Rounds; i++) { Pool.Rent(Schema, Rows).Dispose(); }
    });

    internal static Sample RentArray() => Measurement.NanosecondsPer(Rounds, static () =>
    {
        for (var i = 0; i < Rounds; i++) { ArrayPool<byte>.Shared.Return(ArrayPool<byte>.Shared.Rent(Bytes)); }
    });

    internal static Sample CopyBytes() => Measurement.NanosecondsPer(Rounds, static () =>
    {
        for (var i = 0; i < Rounds; i++) { From.AsSpan().CopyTo(To); }
    });
}
