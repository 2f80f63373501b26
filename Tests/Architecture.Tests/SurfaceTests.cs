using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Architecture.Tests;

/// <summary>The public surface of each library as text: a change of it is a visible line in the diff.</summary>
public sealed class SurfaceTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "Tests", "Architecture.Tests", "Surface");

    [Fact]
    public void The_public_surface_is_the_accepted_one()
    {
        if (Environment.GetEnvironmentVariable("STREAMLEARN_ACCEPT_SURFACE") == "1")
        {
            Directory.CreateDirectory(Folder);
            foreach (var project in Repository.Libraries) { File.WriteAllText(PathOf(project), Surface(project.Assembly)); }
            return;
        }

        Assert.All(Repository.Libraries, project =>
        {
            var (accepted, now) = (File.Exists(PathOf(project)) ? File.ReadAllLines(PathOf(project)) : [],
                Surface(project.Assembly).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            var difference = now.Except(accepted).Select(l => $"+ {l}").Concat(accepted.Except(now).Select(l => $"- {l}")).ToList();
            Assert.True(difference.Count == 0,
                $"{project}: the public surface has changed; look at it, then accept it with "
                    + $"STREAMLEARN_ACCEPT_SURFACE=1\n{string.Join('\n', difference)}");
        });
        Assert.Equal(Repository.Libraries.Select(p => $"{p.Name}.txt").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static string PathOf(Project project) => Path.Combine(Folder, $"{project.Name}.txt");

    private static string Surface(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(NameOf, StringComparer.Ordinal))
        {
            text.Append(Header(type)).Append('\n');
            foreach (var line in Members(type).Distinct().Order(StringComparer.Ordinal))
            {
                text.Append(NameOf(type)).Append('.').Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Header(Type type)
    {
        var kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsValueType ? "struct"
            : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class"
            : "class";
        var bases = type.GetInterfaces().Where(i => i.IsPublic || i.IsNestedPublic).Select(NameOf).Order(StringComparer.Ordinal).ToList();
        if (type.BaseType is { } parent && parent != typeof(object) && !type.IsValueType && !type.IsEnum)
        {
            bases.Insert(0, NameOf(parent));
        }
        return $"{kind} {NameOf(type)}{(bases.Count > 0 ? $" : {string.Join(", ", bases)}" : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags all =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var member in type.GetMembers(all))
        {
            var line = member switch
            {
                FieldInfo field when type.IsEnum => field.IsStatic ? $"{field.Name} = {field.GetRawConstantValue()}" : null,
                FieldInfo field when IsVisible(field.Attributes) =>
                    $"{field.Name}: {(field.IsLiteral ? "const " : "")}{NameOf(field.FieldType)}",
                ConstructorInfo constructor when IsVisible(constructor) => $"new({Parameters(constructor)})",
                PropertyInfo property => Accessors(property),
                EventInfo { AddMethod: { } add } one when IsVisible(add) => $"event {one.Name}: {NameOf(one.EventHandlerType!)}",
                MethodInfo method when IsVisible(method)
                    && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
                    && !method.IsDefined(typeof(CompilerGeneratedAttribute)) =>
                    $"{method.Name}{Generics(method)}({Parameters(method)}): {NameOf(method.ReturnType)}",
                _ => null,
            };
            if (line is not null) { yield return line; }
        }
    }

    private static string? Accessors(PropertyInfo property)
    {
        var get = property.GetMethod is { } g && IsVisible(g) ? " get;" : "";
        var set = property.SetMethod is { } s && IsVisible(s)
            ? s.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : "";
        var index = property.GetIndexParameters() is { Length: > 0 } parameters
            ? $"[{string.Join(", ", parameters.Select(p => NameOf(p.ParameterType)))}]"
            : "";
        return get.Length + set.Length == 0 || property.Name == "EqualityContract"
            ? null
            : $"{property.Name}{index}: {NameOf(property.PropertyType)} {{{get}{set} }}";
    }

    private static string Parameters(MethodBase method) =>
        string.Join(", ",
            method.GetParameters()
                .Select(p =>
                    $"{(p.IsOut ? "out " : p.ParameterType.IsByRef ? "ref " : "")}{NameOf(p.ParameterType)} "
                        + $"{p.Name}{(p.HasDefaultValue ? " = " + (p.DefaultValue ?? "default") : "")}"));

    private static string Generics(MethodInfo method) => method.IsGenericMethod
        ? $"<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>"
        : "";

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsVisible(FieldAttributes attributes) =>
        (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    private static string NameOf(Type type)
    {
        if (type.IsByRef) { return NameOf(type.GetElementType()!); }
        if (type.IsArray) { return $"{NameOf(type.GetElementType()!)}[]"; }
        if (type.IsGenericParameter) { return type.Name; }
        var outer = type.IsNested ? $"{NameOf(type.DeclaringType!)}." : "";
        var arguments = type.GetGenericArguments().Skip(type.IsNested ? type.DeclaringType!.GetGenericArguments().Length : 0).ToList();
        return arguments.Count == 0
            ? outer + type.Name
            : $"{outer}{type.Name.Split('`')[0]}<{string.Join(", ", arguments.Select(NameOf))}>";
    }
}
