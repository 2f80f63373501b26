namespace StreamLearn.Learning;

/// <summary>What a device reports about itself in its hello.</summary>
/// <param name="Cores">Cores available to the program, at least 1.</param>
/// <param name="MemoryBytes">Memory available to the program, above 0.</param>
/// <param name="Program">Program name and version, at most 64 bytes in UTF-8.</param>
/// <param name="Codec">Codec of its updates: <see cref="ICodec{T}.Name"/>, at most 64 bytes in UTF-8.</param>
public sealed record DeviceCapabilities(int Cores, long MemoryBytes, string Program, string Codec)
{
    internal const int MaxTextBytes = 64;

    /// <summary>Returns the capabilities of this process.</summary>
    /// <param name="program">Program name and version.</param>
    /// <param name="codec">Codec of its updates.</param>
    public static DeviceCapabilities OfThisProcess(string program, string codec) =>
        new(Environment.ProcessorCount, Math.Max(1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes), program, codec);

    internal bool IsValid => Cores >= 1 && MemoryBytes > 0;
}
