namespace Aggregator;

/// <summary>A file of the page, which is part of the program.</summary>
/// <param name="Path">Where it is asked for.</param>
/// <param name="Type">What it is.</param>
/// <param name="Bytes">Its content.</param>
internal sealed record DashboardAsset(string Path, string Type, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Reads one.</summary>
    /// <param name="path">Where it is asked for.</param>
    /// <param name="file">Its name in the folder <c>wwwroot</c>.</param>
    /// <param name="type">What it is.</param>
    internal static DashboardAsset Of(string path, string file, string type)
    {
        using var stream = typeof(DashboardAsset).Assembly.GetManifestResourceStream($"wwwroot/{file}")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new(path, type, bytes);
    }
}
