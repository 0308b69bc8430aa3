using System.Reflection;
using System.Reflection.Emit;

namespace Chat.Tests;

/// <summary>What a type's declarations and the code of its methods refer to, lambdas and iterators included.</summary>
internal sealed class CodeRead
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Where(field => field.FieldType == typeof(OpCode))
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    private readonly HashSet<Type> _types = [];
    private readonly HashSet<MemberInfo> _members = [];

    public IReadOnlySet<Type> Types => _types;

    public IReadOnlySet<MemberInfo> Members => _members;

    public static CodeRead Of(Type type)
    {
        var read = new CodeRead();
        read.Declarations(type);
        return read;
    }

    private void Declarations(Type type)
    {
        Use(type);
        Use(type.BaseType);
        foreach (var implemented in type.GetInterfaces())
            Use(implemented);
        foreach (var field in type.GetFields(Own))
            Use(field.FieldType);
        foreach (var method in type.GetMethods(Own).Cast<MethodBase>().Concat(type.GetConstructors(Own)))
        {
            Signature(method);
            Code(method);
        }
        foreach (var nested in type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic))
            Declarations(nested);
    }

    private void Signature(MethodBase method)
    {
        Use((method as MethodInfo)?.ReturnType);
        foreach (var parameter in method.GetParameters())
            Use(parameter.ParameterType);
    }

    private void Code(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
            return;
        foreach (var local in body.LocalVariables)
            Use(local.LocalType);
        var typeArguments = method.DeclaringType!.GetGenericArguments();
        var methodArguments = method is MethodInfo ? method.GetGenericArguments() : [];
        var code = body.GetILAsByteArray()!;
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xFE ? unchecked((short)(0xFE00 | code[at + 1])) : code[at];
            var operation = OpCodesByValue[value];
            at += operation.Size;
            if (operation.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
                Use(method.Module.ResolveMember(BitConverter.ToInt32(code, at), typeArguments, methodArguments));
            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    private void Use(MemberInfo? member)
    {
        if (member is null)
            return;
        if (member is Type type)
        {
            Use(type);
            return;
        }
        if (!_members.Add(member))
            return;
        Use(member.DeclaringType);
        if (member is FieldInfo field)
            Use(field.FieldType);
        if (member is not MethodBase method)
            return;
        Signature(method);
        if (method.IsGenericMethod)
        {
            foreach (var argument in method.GetGenericArguments())
                Use(argument);
        }
    }

    private void Use(Type? type)
    {
        if (type is null || !_types.Add(type))
            return;
        Use(type.GetElementType());
        foreach (var argument in type.GetGenericArguments())
            Use(argument);
    }
}
