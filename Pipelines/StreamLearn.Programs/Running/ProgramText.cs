using System.Reflection;

namespace StreamLearn.Programs;

/// <summary>What a program says of itself.</summary>
public static class ProgramText
{
    /// <summary>Its name and version.</summary>
    public static string Version { get; } =
        $"{Assembly.GetEntryAssembly()?.GetName().Name ?? "streamlearn"} {VersionOf(Assembly.GetEntryAssembly())}";

    /// <summary>The version of an assembly, without the commit that it was built from.</summary>
    /// <param name="assembly">The assembly; null: unknown, 0.0.0.</param>
    public static string VersionOf(Assembly? assembly) =>
        assembly?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
