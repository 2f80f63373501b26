namespace StreamLearn.Learning;

/// <summary>What a device reports about itself in its hello.</summary>
/// <param name="Cores">Cores available to the program, at least 1.</param>
/// <param name="MemoryBytes">Memory available to the program in bytes, above 0.</param>
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

    internal static DeviceCapabilities? Fields(ref FrameFields f, DeviceCapabilities? c)
    {
        var (cores, memory) = (f.Int(c?.Cores, min: 1), f.Long(c?.MemoryBytes));
        var (program, codec) = (f.Text(c?.Program, MaxTextBytes), f.Text(c?.Codec, MaxTextBytes));
        return !f.HasRead(memory > 0) ? c : new(cores, memory, program, codec);
    }
}
