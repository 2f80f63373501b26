using System.Reflection;

namespace StreamLearn.Programs;

/// <summary>A program's name and version.</summary>
internal static class ProgramText
{
    /// <summary>The name and version.</summary>
    public static string Version { get; } =
        $"{Assembly.GetEntryAssembly()?.GetName().Name ?? "streamlearn"} {VersionOf(Assembly.GetEntryAssembly())}";

    /// <summary>Returns an assembly's version, without its commit.</summary>
    /// <param name="assembly">The assembly; null: unknown, 0.0.0.</param>
    public static string VersionOf(Assembly? assembly) =>
        assembly?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
