using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Learning.Tests;

/// <summary>Properties that hold for any sample, of which the same ones are tried each time.</summary>
internal static class Any
{
    internal static void Of<T>(ulong seed, ulong gamma, Func<T, bool> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithReplay(seed, gamma), Prop.ForAll(ArbMap.Default.ArbFor<T>(), holds));
}
