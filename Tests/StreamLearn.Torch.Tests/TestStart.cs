using System.Runtime.CompilerServices;

namespace StreamLearn.Torch.Tests;

/// <summary>What comes before all tests: libtorch is loaded, unless this program is started to find none.</summary>
internal static class TestStart
{
    /// <summary>The variable of a program that is to find none: it prints what it is told, and ends.</summary>
    internal const string Without = "STREAMLEARN_WITHOUT_TORCH";

    [ModuleInitializer]
    internal static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Without) != "1")
        {
            TestNatives.Load();
            return;
        }

        try { _ = new TorchModel("none", new(1), 2, static () => TorchSharp.torch.nn.Linear(1, 2)); }
        catch (NotSupportedException refusal) { Console.WriteLine(refusal.Message); }
        Environment.Exit(0);
    }
}
