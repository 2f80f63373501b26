namespace Aggregator;

internal sealed record DashboardAsset(string Path, string Type, ReadOnlyMemory<byte> Bytes)
{
    internal static DashboardAsset Of(string path, string file, string type)
    {
        using var stream = typeof(DashboardAsset).Assembly.GetManifestResourceStream($"wwwroot/{file}")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new(path, type, bytes);
    }
}
