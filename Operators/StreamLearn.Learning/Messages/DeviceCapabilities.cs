namespace StreamLearn.Learning;

/// <summary>What a device can do, as it says itself in its hello.</summary>
/// <param name="Cores">Its processor's cores that the program may use, at least 1.</param>
/// <param name="MemoryBytes">Memory that the program may use, above 0.</param>
/// <param name="Program">Name and version of its program, at most 64 bytes in UTF-8.</param>
/// <param name="Codec">How its updates are written: <see cref="ICodec{T}.Name"/>, at most 64 bytes in UTF-8.</param>
public sealed record DeviceCapabilities(int Cores, long MemoryBytes, string Program, string Codec)
{
    internal const int MaxTextBytes = 64;

    /// <summary>Those of this process.</summary>
    /// <param name="program">Name and version of the program.</param>
    /// <param name="codec">How its updates are written.</param>
    public static DeviceCapabilities OfThisProcess(string program, string codec) =>
        new(Environment.ProcessorCount, Math.Max(1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes), program, codec);

    internal bool IsValid => Cores >= 1 && MemoryBytes > 0;
}
